import { judgeHash } from '../../../gateway/users.ts';
import { proxyCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';

/** How passwords are kept is nothing for a gateway. */
export const userHashes = proxyCheck({
  id: 'proxy/user-hashes',
  severity: 'warning',
  title: 'Passwords of the gateway have weak or slow hashes',
  why: 'A weak hash gives the password away to who reads it. At a slow one all desktops of an nginx worker stand still.',
  remedy: 'dcvops access user passwd NAME --proxy PROXY',
  look: ({ name, proxy }) => {
    const judged = (proxy.login?.users ?? []).map((user) => ({ user: user.name, ...judgeHash(user.hash) }));
    const bad = judged.filter(({ problem }) => problem !== undefined);
    if (bad.length === 0) return undefined;
    return {
      seen: someOf(bad.map(({ user, kind, problem }) => `${user} has ${kind} (${problem ?? ''})`)),
      remedy: bad.map(({ user }) => `dcvops access user passwd ${user} --proxy ${name}`).join('\n'),
    };
  },
});
