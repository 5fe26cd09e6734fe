import { leftoversCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';

/** Files of earlier gateways that are in nobody's way now. Those that have the gateway's port are `proxy/rival-files`. */
export const olderNginxFiles = leftoversCheck({
  id: 'leftovers/older-nginx-files',
  severity: 'note',
  title: 'Files of an earlier gateway are among nginx’s',
  why: 'A file with another name, or one more include, puts them to work again.',
  remedy: 'dcvops exec --sudo PROXY -- mv FILE /root/\ndcvops exec --sudo PROXY -- systemctl reload nginx',
  symptoms: ['nginx'],
  look: ({ name, host }) => {
    const older = (host.proxy?.rivals ?? []).filter(({ why, active }) => !active || why === 'routes');
    if (older.length === 0) return undefined;
    const isRead = older.some(({ active }) => active);
    return {
      seen: older
        .map(
          ({ path, why, active }) =>
            `${path} ${why === 'port' ? 'names the gateway’s port' : 'routes to addresses in its paths'}${active ? '' : '; nginx does not read it'}`,
        )
        .join('; '),
      remedy: steps(
        ...older.map(({ path }) => asRoot(name, 'mv', path, '/root/')),
        isRead ? asRoot(name, 'systemctl', 'reload', 'nginx') : undefined,
      ),
    };
  },
});
