import { proxyCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { closeToOthers } from './fixes.ts';
import { bitsForOthers } from './view.ts';

/** Everybody on the host may read the gateway's logs. */
export const logPermissions = proxyCheck({
  id: 'proxy/log-permissions',
  severity: 'warning',
  title: 'Everybody on the proxy may read the gateway’s logs',
  why: 'nginx writes whole request lines into its error log, logins included, and cannot be told not to.',
  remedy: 'dcvops exec --sudo PROXY -- chmod o= /var/log/nginx/dcv-access.log /var/log/nginx/dcv-error.log',
  fix: 'takes the right to read from everybody else; undone with chmod',
  follows: ['proxy/not-deployed'],
  look: ({ name, proxy }) => {
    const open = proxy.logRotation.logs.filter(({ mode }) => (bitsForOthers(mode) & 0o6) !== 0);
    const [first] = open;
    if (first === undefined) return undefined;
    const files = open.map(({ path }) => path);
    return {
      seen: open.map(({ path, mode }) => `${path} is ${mode}`).join('; '),
      remedy: asRoot(name, 'chmod', 'o=', ...files),
      fix: closeToOthers(name, files, first.mode.replace(/ .*$/, '')),
    };
  },
});
