import { proxyCheck } from '../../check.ts';
import { openToOthers } from './view.ts';

/** Everybody on the host may read the gateway's logs. */
export const logPermissions = proxyCheck({
  id: 'proxy/log-permissions',
  severity: 'warning',
  title: 'Everybody on the proxy may read the gateway’s logs',
  why: 'nginx writes whole request lines into its error log, logins included, and cannot be told not to.',
  remedy: 'dcvops exec --sudo PROXY -- chmod o= /var/log/nginx/dcv-access.log /var/log/nginx/dcv-error.log',
  fix: 'takes the right to read from everybody else; undone with chmod',
  follows: ['proxy/not-deployed'],
  look: ({ name, proxy }) => openToOthers(name, proxy.logRotation.logs),
});
