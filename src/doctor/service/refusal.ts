import { describeViewers } from '../../dcv/session/describe-viewer.ts';
import type { DcvConnection, DcvSession } from '../../dcv/types.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import type { ServiceRequest } from './act.ts';
import type { ServiceOutcome } from './outcome.ts';
import { type ServiceHost, type Trouble, serviceCommand } from './trouble.ts';
import { shortName } from './unit-name.ts';

export type InUse = Extract<ServiceOutcome, { kind: 'in-use' }>;

/**
 * Why a unit was left alone: what would end with it, who would lose it, and the command that does it all the same. Pure.
 * @param viewersOf who is connected to a session; undefined where DCV does not tell
 */
export function refusalOf(
  host: ServiceHost,
  { unit, verb }: ServiceRequest,
  inUse: InUse,
  viewersOf: (id: string) => readonly DcvConnection[] | undefined,
): Trouble {
  const command = serviceCommand(verb, host, unit, '--end-sessions');
  return {
    message: `${whatEnds(unit, inUse, viewersOf)}. It was left as it is.`,
    hint: `${command}   (ends ${inUse.sessions.length === 1 ? 'that desktop' : 'those desktops'})`,
  };
}

function whatEnds(
  unit: string,
  inUse: InUse,
  viewersOf: (id: string) => readonly DcvConnection[] | undefined,
): string {
  const name = shortName(unit);
  if (unit === 'nginx.service') {
    const { connections } = inUse;
    return connections === undefined
      ? `whether desktops are open through ${name} cannot be told (ss is missing), and they would end with it`
      : `${connections} ${connections === 1 ? 'connection' : 'connections'} to agents would end with ${name}: desktops are open`;
  }
  if (inUse.silence !== undefined) {
    return `dcv does not tell its sessions (${sanitiseLine(inUse.silence)}), and they would end with ${name}`;
  }
  const { sessions } = inUse;
  const each = sessions.map((session) => describeSession(session, viewersOf(session.id)));
  const what = sessions.length === 1 ? 'a session' : `${sessions.length} sessions`;
  return `${what} would end with ${name}: ${each.join('; ')}`;
}

function describeSession(session: DcvSession, viewers: readonly DcvConnection[] | undefined): string {
  const { id, owner, connections } = session;
  const who =
    viewers !== undefined
      ? describeViewers(viewers)
      : connections === undefined
        ? 'DCV does not tell whether somebody is connected'
        : connections === 0
          ? 'nobody connected'
          : `${connections} connected`;
  return sanitiseLine(`"${id}"${owner === '' ? '' : ` of ${owner}`}, ${who}`);
}
