import type { UnitFacts } from '../facts/system.ts';
import { linesOf } from './lines.ts';
import type { Probe } from './probes.ts';

/** The units that checks look at, as systemctl is asked for them; its answers come in this order. */
export const UNITS: readonly string[] = [
  'dcvserver.service',
  'dcvsessionlauncher.service',
  'dcv-session-manager-agent.service',
  'dcv-session-manager-broker.service',
  'dcv-connection-gateway.service',
  'nginx.service',
  'display-manager.service',
  'gdm.service',
  'gdm3.service',
  'lightdm.service',
  'sddm.service',
  'xrdp.service',
  'xrdp-sesman.service',
  'x2goserver.service',
  'nxserver.service',
  'gnome-remote-desktop.service',
  'vncserver.service',
  'rustdesk.service',
  'teamviewerd.service',
  'firewalld.service',
  'ufw.service',
  'nftables.service',
  'logrotate.timer',
  'systemd-timesyncd.service',
  'chronyd.service',
  'ntpd.service',
];

/**
 * What is asked of each. All of it is known to systemd 219 (Amazon Linux 2) but `NRestarts` (235) and `LimitNOFILESoft`
 * (224), which are left out there. Times are asked as microseconds of the monotonic clock: their text depends on the version.
 */
export const UNIT_PROPERTIES: readonly string[] = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'NRestarts',
  'Result',
  'MainPID',
  'LimitNOFILE',
  'LimitNOFILESoft',
  'ActiveEnterTimestampMonotonic',
  'ActiveExitTimestampMonotonic',
  'InactiveEnterTimestampMonotonic',
  'InactiveExitTimestampMonotonic',
];

/**
 * Reads what `systemctl show` printed of {@link UNITS}, a block each; undefined when there is no systemd.
 * @param bootedAt when the host was started, in seconds since 1970
 */
export function parseUnits(
  probe: Probe | undefined,
  bootedAt: number,
): Record<string, UnitFacts> | undefined {
  const blocks = (probe?.output ?? '').split(/\n{2,}/).map(readProperties);
  const answers = blocks.filter((block) => block.has('LoadState'));
  if (answers.length === 0) return undefined;
  // an alias answers with its own unit's Id: display-manager.service is told as gdm.service
  const nameOf = (block: Properties, index: number): string | undefined =>
    answers.length === UNITS.length ? UNITS[index] : block.get('Id');
  return Object.fromEntries(
    answers.flatMap((block, index) => {
      const name = nameOf(block, index);
      return name === undefined ? [] : [[name, readUnit(block, bootedAt)] as const];
    }),
  );
}

/**
 * Reads what `systemctl show` printed of one unit; undefined where that is no answer of systemd's.
 * @param bootedAt when the host was started, in seconds since 1970
 */
export function parseUnit(text: string, bootedAt: number): UnitFacts | undefined {
  const block = readProperties(text);
  return block.has('LoadState') ? readUnit(block, bootedAt) : undefined;
}

type Properties = ReadonlyMap<string, string>;

function readProperties(block: string): Properties {
  return new Map(
    linesOf(block).flatMap((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

function readUnit(block: Properties, bootedAt: number): UnitFacts {
  const text = (name: string): string => block.get(name) ?? '';
  const count = (name: string): number => (/^\d{1,9}$/.test(text(name)) ? Number(text(name)) : 0);
  const active = text('ActiveState');
  return {
    load: text('LoadState'),
    active,
    sub: text('SubState'),
    enabled: text('UnitFileState'),
    restarts: count('NRestarts'),
    // systemd before 229 says start-limit
    result: text('Result').replace(/^start-limit$/, 'start-limit-hit'),
    since: moment(block.get(ENTERED[active] ?? ''), bootedAt),
    mainPid: count('MainPID'),
    openFiles: limit(block.get('LimitNOFILESoft') ?? block.get('LimitNOFILE')),
  };
}

/** Which moment began the state that a unit is in. */
const ENTERED: Readonly<Record<string, string>> = {
  active: 'ActiveEnterTimestampMonotonic',
  reloading: 'ActiveEnterTimestampMonotonic',
  deactivating: 'ActiveExitTimestampMonotonic',
  inactive: 'InactiveEnterTimestampMonotonic',
  failed: 'InactiveEnterTimestampMonotonic',
  activating: 'InactiveExitTimestampMonotonic',
};

/** 0 is never. The monotonic clock stands still while a host is suspended, so that it may be too early by as much. */
function moment(microseconds: string | undefined, bootedAt: number): number | undefined {
  if (microseconds === undefined || !/^[1-9]\d{0,17}$/.test(microseconds)) return undefined;
  return Math.round(bootedAt + Number(microseconds) / 1e6);
}

/** No limit is `infinity`, or before systemd 231 the largest number of 64 bits. */
function limit(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
