import { proxyCheck } from '../../check.ts';
import { FEW_CONNECTIONS, FEW_FILES, errorsSinceLoad } from './error-lines.ts';

/**
 * What clients bring about by breaking off or by speaking an old TLS, what other checks tell, and emergencies: they are about
 * starting and reloading, which have checks of their own.
 */
const TOLD_ELSEWHERE = [/SSL_(?:do_handshake|read|write|shutdown)\(\) failed/, FEW_CONNECTIONS, FEW_FILES];

/** nginx logged something grave, such as a worker that crashed. */
export const errorsInLog = proxyCheck({
  id: 'proxy/errors-in-log',
  severity: 'warning',
  title: 'nginx complains in its error log',
  why: 'A worker that crashes cuts every desktop that it holds; a file or disk that fails keeps requests from being served.',
  remedy: 'dcvops logs PROXY --since 24h',
  symptoms: ['nginx'],
  follows: [
    'proxy/nginx-missing',
    'proxy/nginx-stopped',
    'proxy/selinux',
    'host/disk-full',
    'host/inodes-full',
    'host/out-of-memory',
    'host/selinux-denials',
  ],
  look: (view) => {
    const lines = errorsSinceLoad(view)
      .filter(({ level }) => level !== 'emerg')
      .map(({ line }) => line)
      .filter((line) => !TOLD_ELSEWHERE.some((pattern) => pattern.test(line)));
    if (lines.length === 0) return undefined;
    return {
      seen: `${lines.length} grave ${lines.length === 1 ? 'line' : 'lines'} since nginx last read its files`,
      evidence: lines.slice(-3),
      remedy: `dcvops logs ${view.name} --since 24h`,
    };
  },
});
