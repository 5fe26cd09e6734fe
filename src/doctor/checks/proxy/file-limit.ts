import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import type { WorkerFacts } from '../../facts/proxy.ts';
import { FEW_FILES, errorsSinceLoad } from './error-lines.ts';

/** A viewer holds about ten WebSockets, each a connection to the viewer and one to the agent, and each of those is a file. */
const FILES_PER_DESKTOP = 20;
const NEARLY_FULL = 0.8;

/**
 * nginx's workers may open too few files for the desktops there are: one at each agent, of which a single worker may get
 * twice its share. nginx.conf's worker_rlimit_nofile counts only where the host lets nginx have that many.
 */
export const fileLimit = proxyCheck({
  id: 'proxy/file-limit',
  severity: 'warning',
  title: 'nginx may open too few files',
  why: 'Each connection is an open file. When they run out, new desktops do not open.',
  remedy: 'dcvops deploy --prepare-host PROXY\ndcvops exec --sudo PROXY -- systemctl edit nginx',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/not-deployed'],
  look: (view) => {
    const { name, proxy, set } = view;
    const workers = proxy.workers.filter(({ shuttingDown }) => !shuttingDown);
    const limit = Math.min(...workers.map(({ openFiles = Infinity }) => openFiles));
    if (!Number.isFinite(limit)) return undefined;
    const desktops = Math.floor((limit * workers.length) / FILES_PER_DESKTOP / 2);
    const agents = set.inventory.agents.length;
    const lines = errorsSinceLoad(view).filter(({ line }) => FEW_FILES.test(line));
    const isFull =
      workers.some((worker) => isNearlyFull(worker)) ||
      lines.some(({ line }) => line.includes('Too many open files'));
    if (!isFull && desktops >= agents) return undefined;
    return {
      severity: isFull ? 'error' : 'warning',
      seen: isFull
        ? `a worker has hardly any of its ${limit} files left`
        : `each of ${workers.length} workers may open ${limit} files, which is enough for about ${desktops} desktops; there are ${agents} agents`,
      evidence: lines.map(({ line }) => line).slice(-2),
      remedy: steps(
        `dcvops deploy --prepare-host ${name}`,
        asRoot(name, 'sh', '-c', RAISE),
        `at a quiet hour, for it ends open desktops: ${asRoot(name, 'systemctl', 'restart', 'nginx')}`,
      ),
    };
  },
});

/** A hard limit of the service is taken over when nginx is started, and not before. */
const RAISE =
  'mkdir -p /etc/systemd/system/nginx.service.d && ' +
  'printf "[Service]\\nLimitNOFILE=65536\\n" >/etc/systemd/system/nginx.service.d/files.conf && systemctl daemon-reload';

function isNearlyFull({ connections = 0, openFiles = Infinity }: WorkerFacts): boolean {
  return connections >= openFiles * NEARLY_FULL;
}
