import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { NOT_SERVING } from './causes.ts';
import { failedReloads } from './error-lines.ts';
import { reloadNginx } from './fixes.ts';
import { sightOf } from './view.ts';

/** nginx serves another release than the one on disk, or has given up its last reload without telling anybody. */
export const notLive = proxyCheck({
  id: 'proxy/not-live',
  severity: 'error',
  title: 'nginx does not serve what is on disk',
  why: 'Agents, access rules and certificates are those of an earlier release, whatever the files say.',
  remedy: 'dcvops deploy PROXY',
  fix: 'has nginx read its files again, where nothing in its log says why it did not; open desktops stay',
  symptoms: ['nginx'],
  follows: [...NOT_SERVING, 'proxy/pending'],
  look: (view) => {
    const { name, proxy } = view;
    const onDisk = proxy.live?.releaseId;
    const served = sightOf(view)?.release;
    const isOther = onDisk !== undefined && served !== undefined && served !== onDisk;
    const failed = failedReloads(view);
    if (!isOther && failed.length === 0) return undefined;
    const ports = failed.flatMap(({ line }) => /bind\(\) to \S*?:(\d+) failed/.exec(line)?.[1] ?? []);
    return {
      severity: isOther ? 'error' : 'warning',
      seen: isOther
        ? `release ${onDisk} is on disk, and nginx serves ${served}`
        : 'nginx could not take its last reload and goes on with what it read before',
      evidence: failed.map(({ line }) => line).slice(-3),
      remedy: steps(
        ...[...new Set(ports)].map((port) => asRoot(name, 'ss', '-ltnp', `sport = :${port}`)),
        `dcvops deploy ${name}`,
        failed.length > 0 && !isOther ? asRoot(name, 'systemctl', 'reload', 'nginx') : undefined,
      ),
      ...(failed.length === 0 ? { fix: reloadNginx(name) } : {}),
    };
  },
});
