import pLimit from 'p-limit';
import { type Service, parseService } from '../../doctor/service/parse.ts';
import { readService } from '../../doctor/service/script.ts';
import { troubleOf } from '../../doctor/service/trouble.ts';
import type { Host } from '../../inventory/types.ts';
import type { Emit } from '../../report/events.ts';
import { parseRecords } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';

/** What the operations on services work with. */
export interface ServiceContext {
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  /** How many hosts are worked on at once. */
  readonly concurrency: number;
}

/** A unit of a host. */
export interface ServiceTarget {
  readonly host: Host;
  /** Its full name: `nginx.service`. */
  readonly unit: string;
}

/** How a unit is. */
export interface ServiceStatus {
  /** The host's name and address. */
  readonly host: string;
  readonly address: string;
  readonly unit: string;
  /** undefined: it could not be read. */
  readonly service: Service | undefined;
  /** What is wrong, and what to type next; undefined: nothing. */
  readonly problem: string | undefined;
  readonly hint: string | undefined;
}

/**
 * Reads units, hosts side by side, one round trip each, and returns them in the order of the targets. An outcome is told of
 * those only that do not run, or cannot be read.
 */
export async function readServices(
  context: ServiceContext,
  targets: readonly ServiceTarget[],
): Promise<ServiceStatus[]> {
  const limit = pLimit(context.concurrency);
  return Promise.all(targets.map((target) => limit(() => readOne(context, target))));
}

async function readOne(
  { connect, emit }: ServiceContext,
  { host, unit }: ServiceTarget,
): Promise<ServiceStatus> {
  const answer = { host: host.name, address: host.host, unit };
  try {
    const remote = await connect(host);
    const { stdout } = await remote.run(readService(unit));
    const service = parseService(host.name, unit, parseRecords(stdout));
    const trouble = troubleOf(host, service);
    if (trouble !== undefined) emit({ type: 'outcome', host: host.name, outcome: 'failed', ...trouble });
    return { ...answer, service, problem: trouble?.message, hint: trouble?.hint };
  } catch (error) {
    const outcome = outcomeOf(error, host.name);
    emit(outcome);
    return { ...answer, service: undefined, problem: outcome.message, hint: outcome.hint };
  }
}
