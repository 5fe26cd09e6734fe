/**
 * nginx.conf is the host's own file. dcvops changes two numbers in it and nothing else, since `events {}` cannot be
 * repeated in an included file: how many connections a worker may hold, and how many files it may open for them.
 * A DCV viewer holds about 10 WebSockets, each two connections: Debian's default of 768 is 38 viewers a worker.
 */

export const NGINX_CONF = '/etc/nginx/nginx.conf';

/** What a gateway wants of nginx.conf. */
export interface WorkerLimits {
  readonly workerConnections: number;
  /** Open files a worker may have; two for each connection leaves room for logs and keepalive. */
  readonly openFiles: number;
}

export function workerLimits(workerConnections: number): WorkerLimits {
  return { workerConnections, openFiles: workerConnections * 2 };
}

/** The limits that an nginx.conf sets; undefined where it leaves nginx's own default (512, and the system's limit). */
export function readWorkerLimits(nginxConf: string): { workerConnections?: number; openFiles?: number } {
  const connections = /^[^#\n]*\bworker_connections\s+([0-9]+)\s*;/m.exec(nginxConf)?.[1];
  const files = /^[^#\n]*\bworker_rlimit_nofile\s+([0-9]+)\s*;/m.exec(nginxConf)?.[1];
  return {
    ...(connections === undefined ? {} : { workerConnections: Number(connections) }),
    ...(files === undefined ? {} : { openFiles: Number(files) }),
  };
}

/**
 * Returns nginx.conf with at least these limits, or undefined when it has them already. Comments, order and all else
 * stay; a limit that is higher stays, too.
 */
export function raiseWorkerLimits(nginxConf: string, wanted: WorkerLimits): string | undefined {
  const found = readWorkerLimits(nginxConf);
  let changed = nginxConf;
  if ((found.workerConnections ?? 0) < wanted.workerConnections) {
    changed =
      found.workerConnections === undefined
        ? addToEvents(changed, `worker_connections ${wanted.workerConnections};`)
        : changed.replace(
            /^([^#\n]*\bworker_connections\s+)[0-9]+(\s*;)/m,
            `$1${wanted.workerConnections}$2`,
          );
  }
  if ((found.openFiles ?? 0) < wanted.openFiles) {
    changed =
      found.openFiles === undefined
        ? changed.replace(/^([^#\n]*\bevents\s*\{)/m, `worker_rlimit_nofile ${wanted.openFiles};\n$1`)
        : changed.replace(/^([^#\n]*\bworker_rlimit_nofile\s+)[0-9]+(\s*;)/m, `$1${wanted.openFiles}$2`);
  }
  return changed === nginxConf ? undefined : changed;
}

function addToEvents(nginxConf: string, directive: string): string {
  return nginxConf.replace(/^([^#\n]*\bevents\s*\{)/m, `$1\n    ${directive}`);
}
