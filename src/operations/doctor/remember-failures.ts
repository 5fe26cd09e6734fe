import type { Host } from '../../inventory/types.ts';
import type { Remote } from '../../ssh/remote.ts';

/**
 * Connects as `connect` does, but tries a host that could not be reached only once: a dead host costs its time-out once a
 * run, however often it is asked for.
 */
export function rememberFailures(connect: (host: Host) => Promise<Remote>): (host: Host) => Promise<Remote> {
  const failures = new Map<string, Promise<Remote>>();
  return (host) => {
    const failed = failures.get(host.name);
    if (failed !== undefined) return failed;
    const made = connect(host);
    made.catch(() => {
      failures.set(host.name, made);
    });
    return made;
  };
}
