import type { ProxyFacts, WorkerFacts } from '../facts/proxy.ts';
import { linesOf } from './lines.ts';

/** `PID ELAPSED FILES TITLE`; FILES is `unlimited`, or `-` when it could not be read. */
const WORKER = /^(\d{1,10}) (\d{1,12}) (\S+) (nginx: worker process.*)$/;

/** Reads nginx's worker processes, and how many connections each holds. Pure. */
export function parseWorkers(processes: string | undefined, counts: string | undefined): WorkerFacts[] {
  const held = counts === undefined ? undefined : heldBy(counts);
  return linesOf(processes).flatMap((line) => {
    const [, pid = '', elapsed, files = '', title = ''] = WORKER.exec(line) ?? [];
    if (elapsed === undefined) return [];
    return [
      {
        pid: Number(pid),
        elapsed: Number(elapsed),
        shuttingDown: title.includes('is shutting down'),
        connections: held === undefined ? undefined : (held.get(pid) ?? 0),
        openFiles: /^\d{1,15}$/.test(files) ? Number(files) : undefined,
      },
    ];
  });
}

/** `worker PID COUNT` */
function heldBy(counts: string): ReadonlyMap<string, number> {
  return new Map(
    [...counts.matchAll(/^worker (\d{1,10}) (\d{1,10})$/gm)].map(([, pid = '', count]) => [
      pid,
      Number(count),
    ]),
  );
}

/** Connections of people to the gateway, and of nginx to agents; undefined where nobody counted. Pure. */
export function parseConnections(counts: string | undefined): ProxyFacts['connections'] {
  const count = (name: string): string | undefined =>
    new RegExp(`^${name} (\\d{1,10})$`, 'm').exec(counts ?? '')?.[1];
  const people = count('people');
  const agents = count('agents');
  return people === undefined || agents === undefined
    ? undefined
    : { people: Number(people), agents: Number(agents) };
}

/** The age of the youngest worker that takes connections, in seconds: nginx read its files then. Pure. */
export function youngestOf(workers: readonly WorkerFacts[]): number | undefined {
  const ages = workers.filter(({ shuttingDown }) => !shuttingDown).map(({ elapsed }) => elapsed);
  return ages.length === 0 ? undefined : Math.min(...ages);
}
