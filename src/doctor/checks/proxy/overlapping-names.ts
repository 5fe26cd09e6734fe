import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { someOf } from '../../some-of.ts';

/** Another file of nginx gives names that the gateway's file gives, as a copy of an older one does. */
export const overlappingNames = proxyCheck({
  id: 'proxy/overlapping-names',
  severity: 'warning',
  title: 'Another file of nginx has names of the gateway’s',
  why: 'Of two maps for one variable nginx takes the one it reads last, and says nothing: requests are then let in and routed by another file’s rules.',
  remedy:
    'dcvops exec --sudo PROXY -- grep -n dcv_ FILE\ngive them other names there, then: dcvops exec --sudo PROXY -- systemctl reload nginx',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/not-deployed', 'proxy/rival-files'],
  look: ({ name, proxy }) =>
    (proxy.overlaps ?? []).map(({ path, names }) => ({
      seen: `${path} gives ${someOf(names)}, too`,
      remedy: steps(
        asRoot(name, 'grep', '-n', 'dcv_', path),
        `give them other names there, then: ${asRoot(name, 'systemctl', 'reload', 'nginx')}`,
      ),
    })),
});
