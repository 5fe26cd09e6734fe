import { dirname } from 'node:path/posix';
import { LOG_FILES } from '../../../gateway/config/logs.ts';
import { formatBytes } from '../../../report/quantity.ts';
import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { unitOf } from '../../units.ts';
import { scheduleLogrotate } from './fixes.ts';
import type { ProxyView } from './view.ts';

const LARGE_KIB = 4 * 1024 * 1024;

/** Nothing rotates the gateway's logs, or a log has become so large that nothing can have rotated it. */
export const logRotation = proxyCheck({
  id: 'proxy/log-rotation',
  severity: 'warning',
  title: 'The gateway’s logs are not rotated',
  why: 'They grow until the disk is full, and hold for ever who worked when.',
  remedy: 'dcvops exec --sudo PROXY -- systemctl enable --now logrotate.timer',
  fix: 'starts logrotate.timer where there is one; undone with systemctl disable --now',
  follows: ['proxy/nginx-missing', 'proxy/not-deployed'],
  look: (view) => {
    const { name, proxy, system } = view;
    const { file, scheduled, logs } = proxy.logRotation;
    if (file === undefined) {
      return {
        seen: `no file of logrotate is about ${dirname(LOG_FILES.access)}`,
        remedy: steps(installed(view), asRoot(name, 'sh', '-c', WRITE_FILE)),
      };
    }
    if (!scheduled) {
      const timer = unitOf(system, 'logrotate.timer')?.load === 'loaded';
      return {
        seen: `${file} is there, but nothing runs logrotate${timer ? ': logrotate.timer is not active' : ''}`,
        remedy: steps(
          timer
            ? asRoot(name, 'systemctl', 'enable', '--now', 'logrotate.timer')
            : (installed(view) ?? asRoot(name, 'ls', '/etc/cron.daily')),
        ),
        ...(timer ? { fix: scheduleLogrotate(name) } : {}),
      };
    }
    const large = logs.filter(({ sizeKiB }) => sizeKiB > LARGE_KIB);
    if (large.length === 0) return undefined;
    return {
      seen: large.map(({ path, sizeKiB }) => `${path} has ${formatBytes(sizeKiB * 1024)}`).join('; '),
      remedy: steps(asRoot(name, 'logrotate', '--verbose', file), asRoot(name, 'df', '-h', '/var/log')),
    };
  },
});

/** Installs logrotate; undefined: it is there, or nobody knows how. */
function installed({ name, system }: ProxyView): string | undefined {
  const { packages, packageManager } = system;
  if (packages?.['logrotate'] !== undefined || packageManager === undefined) return undefined;
  return asRoot(name, packageManager, 'install', '-y', 'logrotate');
}

/**
 * As the packages of nginx have it; with copytruncate, which needs neither nginx's user nor its pid file. A file of that
 * name that is about something else stays (`set -C`).
 */
const WRITE_FILE =
  'set -C; printf "/var/log/nginx/*.log {\\n daily\\n rotate 14\\n missingok\\n notifempty\\n compress\\n delaycompress\\n copytruncate\\n}\\n" ' +
  '>/etc/logrotate.d/nginx';
