import { proxyCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { bitsForOthers } from './view.ts';

/** Everybody on the host may read the key, or write it. `--fix` leaves it: another program may read it as it is. */
export const keyPermissions = proxyCheck({
  id: 'proxy/key-permissions',
  severity: 'error',
  title: 'Everybody on the proxy may read the gateway’s key',
  why: 'Whoever has the key can pass for the gateway, and see what people type.',
  remedy: 'dcvops exec --sudo PROXY -- chmod o= KEY',
  symptoms: [],
  follows: ['proxy/certificate-missing'],
  look: ({ name, proxy }) => {
    const { key } = proxy;
    if (key === undefined || (bitsForOthers(key.mode) & 0o6) === 0) return undefined;
    return {
      seen: `${key.path} is ${key.mode}`,
      remedy: asRoot(name, 'chmod', 'o=', key.path),
    };
  },
});
