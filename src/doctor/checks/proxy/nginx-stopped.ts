import { type Fix, proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { startUnit } from '../../fixes.ts';
import { proxyService } from '../../service/typed.ts';
import { sinceWhen, unitOf } from '../../units.ts';
import { isRunning, nginxState, type ProxyView } from './view.ts';

/** No nginx runs: it was stopped, has failed, is masked, or nothing starts it. */
export const nginxStopped = proxyCheck({
  id: 'proxy/nginx-stopped',
  severity: 'error',
  title: 'nginx does not run',
  why: 'Nobody gets to any desktop through this proxy.',
  remedy: 'dcvops exec --sudo PROXY -- nginx -t\ndcvops service start PROXY',
  fix: 'starts nginx where it is stopped or has failed and its files are valid; undone with systemctl stop',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/port-taken', 'proxy/config-invalid'],
  look: (view) => {
    const { name, proxy } = view;
    if (proxy.nginx === undefined || isRunning(view)) return undefined;
    const stop = describe(view);
    if (stop === undefined) return undefined;
    return {
      seen: stop.seen,
      evidence: lastWords(view),
      remedy: steps(asRoot(name, 'nginx', '-t'), ...stop.remedy),
      ...(stop.fix === undefined || proxy.test?.ok !== true ? {} : { fix: stop.fix }),
    };
  },
});

/** What it said when it failed; what it said before that is over. */
function lastWords({ proxy, system }: ProxyView): string[] {
  const unit = unitOf(system, 'nginx.service');
  if (unit?.since === undefined || unit.active === 'inactive') return [];
  const failedAt = unit.since - LAST_SECONDS;
  return proxy.errors
    .filter(({ level, at }) => level === 'emerg' && at !== undefined && Date.parse(at) / 1000 >= failedAt)
    .map(({ line }) => line)
    .slice(-3);
}

/** Between its last words and systemd's word that it failed. */
const LAST_SECONDS = 60;

interface Stop {
  readonly seen: string;
  readonly remedy: readonly string[];
  readonly fix?: Fix;
}

function describe(view: ProxyView): Stop | undefined {
  const { name, system } = view;
  const unit = unitOf(system, 'nginx.service');
  const start = proxyService('start', name);
  const journal = asRoot(name, 'journalctl', '--no-pager', '-u', 'nginx', '-n', '50');
  switch (nginxState(view)) {
    case undefined:
      return { seen: 'no process of nginx runs', remedy: [asRoot(name, 'nginx')] };
    case 'missing':
      return {
        seen: 'no process of nginx runs, and there is no unit nginx.service',
        remedy: [asRoot(name, 'nginx')],
      };
    case 'stopped':
      return {
        seen: `nginx is ${unit?.active ?? 'inactive'}${sinceWhen(unit ?? {})}`,
        remedy: [start],
        fix: startUnit(name, 'nginx.service'),
      };
    case 'failed':
      return {
        seen: `nginx has failed (${unit?.result ?? 'unknown'})${sinceWhen(unit ?? {})}`,
        remedy: [start, journal],
        fix: startUnit(name, 'nginx.service'),
      };
    case 'masked':
      return {
        seen: 'nginx is masked: somebody keeps it from being started',
        remedy: [asRoot(name, 'systemctl', 'unmask', 'nginx'), start],
      };
    case 'loops':
      return {
        seen: `nginx is started again and again, and ends each time (${unit?.result ?? 'unknown'})`,
        remedy: [journal],
      };
    case 'runs':
    case 'starting':
      // ps may have been asked a moment too early, or may have hung
      return undefined;
  }
}
