import pLimit from 'p-limit';
import { readConnections } from '../../dcv/session/act.ts';
import type { DcvConnection } from '../../dcv/types.ts';
import { type ServiceRequest, serviceScript } from '../../doctor/service/act.ts';
import { readOutcome } from '../../doctor/service/outcome.ts';
import type { Service } from '../../doctor/service/parse.ts';
import { type InUse, refusalOf } from '../../doctor/service/refusal.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { OutcomeEvent, Step } from '../../report/events.ts';
import { parseRecords } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';
import { recordsOf } from '../session/connections.ts';
import { viewersTold } from '../session/describe.ts';
import type { ServiceContext, ServiceTarget } from './status.ts';

/** What acting on services works with. */
export interface ServiceActContext extends ServiceContext {
  /** Its sessions are made again where they ended. */
  readonly inventory: Pick<Inventory, 'sessions'>;
}

/** What became of one unit. */
export interface ServiceResult {
  /** The host's name and address. */
  readonly host: string;
  readonly address: string;
  readonly unit: string;
  readonly outcome: OutcomeEvent['outcome'];
  readonly message: string;
  readonly hint: string | undefined;
  /** The unit as it is now; undefined: it could not be read. */
  readonly service: Service | undefined;
  /** Ids of the sessions that ended with it. */
  readonly endedSessions: readonly string[];
}

const TITLE: Readonly<Record<ServiceRequest['verb'], string>> = {
  start: 'Starting',
  stop: 'Stopping',
  restart: 'Restarting',
  enable: 'Enabling',
};

/**
 * Starts, stops, restarts or enables units, hosts side by side, and sees that they are as they shall be. Desktops are ended
 * only with `endSessions`. Tells an outcome for each and returns them in the order of the targets.
 */
export async function actOnServices(
  context: ServiceActContext,
  targets: readonly ServiceTarget[],
  request: Omit<ServiceRequest, 'unit'>,
): Promise<ServiceResult[]> {
  const steps: readonly Step[] = [{ id: 'service', title: TITLE[request.verb] }];
  context.emit({ type: 'steps', hosts: targets.map(({ host }) => host.name), steps });
  const limit = pLimit(context.concurrency);
  return Promise.all(
    targets.map((target) => limit(() => actAndTell(context, target, { ...request, unit: target.unit }))),
  );
}

type Told = Pick<ServiceResult, 'outcome' | 'message' | 'hint' | 'service' | 'endedSessions'>;

async function actAndTell(
  context: ServiceActContext,
  target: ServiceTarget,
  request: ServiceRequest,
): Promise<ServiceResult> {
  const { emit } = context;
  const { host, unit } = target;
  emit({ type: 'step', host: host.name, step: 'service', state: 'started' });
  const told = await actOn(context, target, request).catch((error: unknown): Told => {
    const { outcome, message, hint } = outcomeOf(error, host.name);
    return { outcome, message, hint, service: undefined, endedSessions: [] };
  });
  const { outcome, message, hint } = told;
  const isFine = outcome === 'done' || outcome === 'unchanged';
  emit({ type: 'step', host: host.name, step: 'service', state: isFine ? 'done' : 'failed', detail: unit });
  if (outcome === 'failed') {
    for (const line of told.service?.journal ?? []) {
      emit({ type: 'output', host: host.name, stream: 'stderr', line });
    }
  }
  emit({ type: 'outcome', host: host.name, outcome, message, ...(hint === undefined ? {} : { hint }) });
  return { host: host.name, address: host.host, unit, ...told };
}

async function actOn(
  { connect, inventory }: ServiceActContext,
  { host }: ServiceTarget,
  request: ServiceRequest,
): Promise<Told> {
  const remote = await connect(host);
  const records = parseRecords((await remote.run(serviceScript(request))).stdout);
  const outcome = readOutcome(host, request, records, inventory.sessions);
  const { service } = outcome;
  if (outcome.kind !== 'in-use') {
    const { kind, message, hint, ended } = outcome;
    return { outcome: kind, message, hint, service, endedSessions: ended.map(({ id }) => id) };
  }
  const refusal = refusalOf(host, request, outcome, await askWhoIsThere(remote, outcome));
  return { outcome: 'failed', ...refusal, service, endedSessions: [] };
}

/** A second round trip, made only where somebody has to be told of. */
async function askWhoIsThere(
  remote: Remote,
  { sessions }: InUse,
): Promise<(id: string) => readonly DcvConnection[] | undefined> {
  const asked = sessions.filter(({ connections }) => connections !== 0).map(({ id }) => id);
  if (asked.length === 0) return () => undefined;
  const records = parseRecords((await remote.run(readConnections(asked))).stdout);
  return (id) => (asked.includes(id) ? viewersTold(recordsOf(records, id)) : undefined);
}
