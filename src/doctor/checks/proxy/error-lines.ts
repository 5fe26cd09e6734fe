import type { ProxyFacts } from '../../facts/proxy.ts';
import { unitOf } from '../../units.ts';
import type { ProxyView } from './view.ts';

type ErrorLine = ProxyFacts['errors'][number];

/** A worker that ends is replaced at once: its last words are no older than this. */
const SLACK_MS = 5_000;

/**
 * What nginx complained of since it last read its files, as far as its workers tell; all there is where none runs. What was
 * wrong before that may well be mended. Oldest first.
 */
export function errorsSinceLoad({ proxy, system, set }: ProxyView): ErrorLine[] {
  const { errors, youngestWorker } = proxy;
  if (youngestWorker === undefined) return [...errors];
  // lines have the host's time
  const now = Date.parse(set.collectedAt) + system.clock.offset * 1000;
  const loadedAt = now - youngestWorker * 1000;
  return errors.filter(({ at }) => at === undefined || Date.parse(at) > loadedAt - SLACK_MS);
}

/**
 * A reload that nginx gave up without telling who asked for it: a port is taken, or the key of a shared zone is another
 * one. `nginx -t` says nothing of either. The same words of another process than the running nginx do not count: somebody
 * started a second one.
 */
export function failedReloads(view: ProxyView): ErrorLine[] {
  const master = unitOf(view.system, 'nginx.service')?.mainPid ?? 0;
  return errorsSinceLoad(view).filter(
    ({ level, line }) =>
      level === 'emerg' &&
      (isBindFailure(line) || ZONE_KEY.test(line)) &&
      (master === 0 || line.includes(`] ${master}#`)),
  );
}

const ZONE_KEY = /uses the .* key while previously it used/;

function isBindFailure(line: string): boolean {
  return /still could not bind\(\)|bind\(\) to \S+ failed/.test(line);
}

/** Lines that tell of too few connections a worker may have. */
export const FEW_CONNECTIONS = /worker_connections are not enough/;

/** Lines that tell of too few files a worker may open. */
export const FEW_FILES = /Too many open files|setrlimit\(RLIMIT_NOFILE/;

/** Lines that tell that a security module forbids a connection. */
export const MAY_NOT_CONNECT = /connect\(\) to \S+ failed \(13: Permission denied\)/;
