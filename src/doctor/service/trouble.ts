import { didYouMean } from '../../inventory/near-match.ts';
import type { Host } from '../../inventory/types.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import { words } from '../../shell/shell.ts';
import { asRoot, onHost, steps } from '../commands.ts';
import { sinceWhen } from '../units.ts';
import type { Service } from './parse.ts';
import { DEFAULT_UNIT, shortName } from './unit-name.ts';

/** Where a unit is. */
export type ServiceHost = Pick<Host, 'name' | 'role'>;

export type ServiceVerb = 'status' | 'start' | 'stop' | 'restart' | 'enable';

/** What is wrong, and what to type next. */
export interface Trouble {
  readonly message: string;
  readonly hint: string;
}

/** `dcvops service VERB HOST`, with the unit where it is not the host's own. */
export function serviceCommand(
  verb: ServiceVerb,
  { name, role }: ServiceHost,
  unit: string,
  ...options: readonly string[]
): string {
  const which = unit === DEFAULT_UNIT[role] ? [] : ['--unit', shortName(unit)];
  return `dcvops service ${words([verb, name, ...which, ...options]).toString()}`;
}

/** Why a unit does not do its work; undefined: it does. Pure. */
export function troubleOf(host: ServiceHost, service: Service): Trouble | undefined {
  const { unit, facts, state } = service;
  const name = shortName(unit);
  const start = serviceCommand('start', host, unit);
  const journal = asRoot(host.name, 'journalctl', '--no-pager', '-u', name, '-n', '50');
  switch (state) {
    case 'runs':
      return undefined;
    case 'starting':
      return {
        message: `${name} is still starting${sinceWhen(facts)}`,
        hint: serviceCommand('status', host, unit),
      };
    case 'stopped':
      return stopped(host, service, start);
    case 'failed':
      return {
        message: `${name} has failed (${told(facts.result)})${sinceWhen(facts)}`,
        hint: steps(journal, start),
      };
    case 'loops':
      return {
        message: `${name} ends each time it is started: ${told(facts.active)} (${told(facts.result)})${again(service)}${sinceWhen(facts)}`,
        hint: unit === DEFAULT_UNIT[host.role] ? steps(journal, `dcvops doctor ${host.name}`) : journal,
      };
    case 'masked':
      return {
        message: `${name} is masked: somebody keeps it from being started`,
        hint: steps(asRoot(host.name, 'systemctl', 'unmask', name), start),
      };
    case 'broken':
      return {
        message: `systemd cannot read the file of ${name} (${told(facts.load)})`,
        hint: asRoot(host.name, 'systemctl', 'status', '--no-pager', name),
      };
    case 'missing':
      return {
        message: `there is no unit ${unit}${didYouMean(name, service.others.map(shortName))}`,
        hint: waysToGet(host, unit),
      };
  }
}

function stopped(host: ServiceHost, { unit, facts, isConditionMissed }: Service, start: string): Trouble {
  const name = shortName(unit);
  if (facts.active === 'deactivating') {
    return {
      message: `${name} is still stopping${sinceWhen(facts)}`,
      hint: serviceCommand('status', host, unit),
    };
  }
  if (isConditionMissed) {
    return {
      message: `${name} is stopped: a condition in its file is not met, so that systemd leaves it alone`,
      hint: asRoot(host.name, 'systemctl', 'status', '--no-pager', name),
    };
  }
  return { message: `${name} is stopped${sinceWhen(facts)}`, hint: start };
}

/** Where it is counted. */
function again({ restarts = 0 }: Service): string {
  if (restarts === 0) return '';
  return `, started again by systemd ${restarts === 1 ? 'once' : `${restarts} times`}`;
}

const INSTALLED_BY: Readonly<Record<string, string>> = {
  'nginx.service': 'dcvops deploy   (installs nginx)',
  'dcvserver.service': 'install nice-dcv-server, nice-xdcv and nice-dcv-web-viewer there',
  'dcvsessionlauncher.service': 'install nice-xdcv there',
};

function waysToGet(host: ServiceHost, unit: string): string {
  const own = Object.hasOwn(INSTALLED_BY, unit) ? INSTALLED_BY[unit] : undefined;
  return own ?? onHost(host.name, 'systemctl', 'list-unit-files', '--no-pager');
}

function told(word: string): string {
  return sanitiseLine(word);
}
