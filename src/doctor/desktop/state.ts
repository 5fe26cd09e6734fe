import { SAY, type ScriptRecord } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh, words } from '../../shell/shell.ts';
import { APT_PACKAGES } from './flavors.ts';

/** The transient unit that an installation runs in, and what it prints. The names are a promise: people look there. */
export const INSTALL_UNIT = 'dcvops-desktop-install.service';
export const INSTALL_LOG = '/var/log/dcvops/desktop-install.log';

/** How an installation of a desktop stands on a host, beside the doctor's facts. */
export interface InstallState {
  /** The last one since the host was started; undefined: none. */
  readonly run:
    | {
        readonly state: 'running' | 'ended-well' | 'failed';
        /** What the unit is called: the flavor and who began it. */
        readonly description: string;
        /** When it began, as systemd writes it; empty where it does not tell. */
        readonly since: string;
        /** `exit-code`, `signal`, … and the exit code, or the signal's number. */
        readonly result: string;
        readonly status: number;
      }
    | undefined;
  /** Those of {@link APT_PACKAGES} that are installed. */
  readonly installed: readonly string[];
  /** Was dpkg interrupted, so that packages are unpacked and not configured? */
  readonly interrupted: boolean;
  /** The last lines of the log. */
  readonly logEnd: readonly string[];
}

/** Reads it; changes nothing. */
export function readInstallState(): Script {
  return {
    name: 'look for an installation of a desktop',
    text: lines(
      SAY,
      sh`unit=${INSTALL_UNIT} log=${INSTALL_LOG} packages=${words(APT_PACKAGES).toString()}`,
      READ,
    ),
    root: true,
  };
}

/** dpkg notes what it is at in updates/, and forgets it when it is done. Properties one by one: systemd 219 knows no --value. */
const READ = program`
say unit "$(systemctl show --property=LoadState,ActiveState,SubState,Result,ExecMainStatus,Description,ExecMainStartTimestamp "$unit" 2>/dev/null)"
if [ -f "$log" ]; then say log-end "$(tail -n 12 "$log")"; fi
command -v dpkg-query >/dev/null 2>&1 || exit 0
say packages "$(dpkg-query -W -f '\${db:Status-Status} \${Package}\n' $packages 2>/dev/null)"
updates=$(ls /var/lib/dpkg/updates 2>/dev/null | grep -E '^[0-9]+$')
if [ -n "$updates$(dpkg --audit 2>/dev/null)" ]; then say interrupted ''; fi
exit 0`;

/** What {@link readInstallState} told. Pure. */
export function parseInstallState(records: readonly ScriptRecord[]): InstallState {
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const told = (name: string): string[] => (value(name) ?? '').split('\n').filter((line) => line !== '');
  return {
    run: parseRun(told('unit')),
    installed: told('packages').flatMap((line) => /^installed (\S+)$/.exec(line)?.[1] ?? []),
    interrupted: value('interrupted') !== undefined,
    logEnd: told('log-end'),
  };
}

function parseRun(told: readonly string[]): InstallState['run'] {
  const property = (name: string): string =>
    told.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  if (property('LoadState') !== 'loaded') return undefined;
  const active = property('ActiveState');
  const isOver = (active === 'active' && property('SubState') === 'exited') || active === 'inactive';
  return {
    state: active === 'failed' ? 'failed' : isOver ? 'ended-well' : 'running',
    description: property('Description'),
    since: property('ExecMainStartTimestamp'),
    result: property('Result'),
    status: Number(property('ExecMainStatus')) || 0,
  };
}
