import type { FactSet } from '../../../../src/doctor/facts/fleet.ts';
import type { ProxyFacts } from '../../../../src/doctor/facts/proxy.ts';
import { hostOf } from '../healthy.ts';
import type { SeededFault } from './seeded-fault.ts';

type Login = NonNullable<ProxyFacts['login']>;

const USERS = { path: '/etc/nginx/dcv-gateway/state/users', mode: '640 root:www-data' };
const ACCEPT = { path: '/etc/nginx/dcv-gateway/state/login/accept.map', mode: '640 root:www-data' };
const ISSUE = { path: '/etc/nginx/dcv-gateway/state/login/issue.map', mode: '640 root:www-data' };

const GOOD: Login = {
  users: [{ name: 'anna', hash: '$6$' }],
  files: [USERS, ACCEPT, ISSUE],
  workerGroup: 'www-data',
  readable: true,
};

/** A gateway that asks for a login, all in order but this. */
const login =
  (changes: Partial<Login>) =>
  (set: FactSet): void => {
    const { proxy } = hostOf(set, 'gateway');
    if (proxy?.live === undefined) throw new Error('no gateway in this set');
    proxy.live.basic = true;
    proxy.login = { ...GOOD, ...changes };
  };

/** What goes wrong with the users of the gateway's own login. */
export const LOGIN_FAULTS: readonly SeededFault[] = [
  {
    name: 'a login was switched on, and nobody was given one',
    breaks: login({ users: [], files: [] }),
    check: 'proxy/users-missing',
    subject: 'gateway',
    seen: /no user to log in as/,
    remedy: /^dcvops access user add NAME --proxy gateway$/,
  },
  {
    name: 'the file of users was copied there by hand, with root’s group',
    breaks: login({ readable: false, files: [{ ...USERS, mode: '640 root:root' }, ACCEPT, ISSUE] }),
    check: 'proxy/users-unreadable',
    subject: 'gateway',
    seen: /users is 640 root:root, and nginx’s workers are of the group www-data/,
    remedy: /chgrp www-data \/etc\/nginx\/dcv-gateway\/state\/users\n.*chmod 640/,
  },
  {
    name: 'everybody may read the users and the secret',
    breaks: login({
      files: [{ ...USERS, mode: '644 root:root' }, { ...ACCEPT, mode: '644 root:root' }, ISSUE],
    }),
    check: 'proxy/login-exposed',
    subject: 'gateway',
    seen: /users is 644 root:root; \S+accept\.map is 644/,
    remedy: /chmod o= \S+users \S+accept\.map$/,
  },
  {
    name: 'the secret of the cookie is gone',
    breaks: login({ files: [USERS] }),
    check: 'proxy/login-secret',
    subject: 'gateway',
    seen: /no \S+accept\.map and no \S+issue\.map/,
    remedy: /^dcvops access user passwd anna --proxy gateway$/,
  },
  {
    name: 'a user came from an old server’s htpasswd',
    breaks: login({
      users: [...GOOD.users, { name: 'bob', hash: '$2y$' }, { name: 'carl', hash: '$apr1$' }],
    }),
    check: 'proxy/user-hashes',
    subject: 'gateway',
    seen: /bob has bcrypt \(slow\).*carl has MD5 \(weak\)/,
    remedy: /passwd bob --proxy gateway\ndcvops access user passwd carl/,
  },
];
