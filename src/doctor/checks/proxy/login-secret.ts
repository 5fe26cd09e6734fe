import { LOGIN_DIRECTORY } from '../../../gateway/login-state.ts';
import { proxyCheck } from '../../check.ts';

/** Users were put there by hand, or the files of the cookie's secret are gone. */
export const loginSecret = proxyCheck({
  id: 'proxy/login-secret',
  severity: 'error',
  title: 'Logins give no cookie',
  why: 'Native clients, and some browsers’ WebSockets, send no password: without the cookie they are refused.',
  remedy: 'dcvops access user passwd NAME --proxy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/not-deployed'],
  look: ({ name, proxy: { live, login } }) => {
    const [user] = login?.users ?? [];
    if (live?.basic !== true || login === undefined || user === undefined) return undefined;
    const missing = ['accept.map', 'issue.map']
      .map((file) => `${LOGIN_DIRECTORY}/${file}`)
      .filter((path) => !login.files.some((file) => file.path === path));
    if (missing.length === 0) return undefined;
    return {
      seen: `there is no ${missing.join(' and no ')}`,
      remedy: `dcvops access user passwd ${user.name} --proxy ${name}`,
    };
  },
});
