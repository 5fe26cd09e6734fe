import { DcvopsError } from '../../errors.ts';
import type { Host } from '../../inventory/types.ts';
import { showPlain } from '../../inventory/problem.ts';

/** What is meant where no unit is named. */
export const DEFAULT_UNIT: Readonly<Record<Host['role'], string>> = {
  proxy: 'nginx.service',
  agent: 'dcvserver.service',
};

/** Units that one kind of host has, and the other has no use for. */
const ROLE_OF: Readonly<Record<string, Host['role']>> = {
  'nginx.service': 'proxy',
  'dcvserver.service': 'agent',
  'dcvsessionlauncher.service': 'agent',
  'display-manager.service': 'agent',
  'gdm.service': 'agent',
  'gdm3.service': 'agent',
  'lightdm.service': 'agent',
  'sddm.service': 'agent',
};

/** The kind of host that a unit belongs to; undefined: any, or not known. */
export function roleOfUnit(unit: string): Host['role'] | undefined {
  return Object.hasOwn(ROLE_OF, unit) ? ROLE_OF[unit] : undefined;
}

/** systemd.unit(5): the characters of a name, and 255 of them at most. It begins with none that is an option's. */
const NAME = /^[A-Za-z0-9_:.\\@][A-Za-z0-9_:.\\@-]*$/;
const LONGEST = 255;
const TYPES = /\.(?:service|socket|target|device|mount|automount|swap|timer|path|slice|scope)$/;

/**
 * A unit's full name: `.service` is added where there is no type, as systemctl does.
 * @throws DcvopsError `usage` for what cannot be a unit's name, patterns such as `dcv*` among it
 */
export function unitName(text: string): string {
  const name = TYPES.test(text) ? text : `${text}.service`;
  if (NAME.test(text) && name.length <= LONGEST) return name;
  throw new DcvopsError('usage', `"${showPlain(text)}" is no name of a systemd unit`, {
    hint: 'letters, digits and : . _ - \\ @, 255 at most: --unit dcvserver',
  });
}

/** Without its type where that is the usual one: `dcvserver`. */
export function shortName(unit: string): string {
  return unit.replace(/\.service$/, '');
}
