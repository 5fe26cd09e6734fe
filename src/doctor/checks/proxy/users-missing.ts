import { proxyCheck } from '../../check.ts';

/** The gateway asks for a login that nobody has. */
export const usersMissing = proxyCheck({
  id: 'proxy/users-missing',
  severity: 'error',
  title: 'The gateway asks for a login, and has no users',
  why: 'Nobody gets to a desktop.',
  remedy: 'dcvops access user add NAME --proxy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/not-deployed'],
  look: ({ name, proxy }) => {
    if (proxy.live?.basic !== true || proxy.login === undefined || proxy.login.users.length > 0)
      return undefined;
    return {
      seen: 'access.basic is on in the live release, and there is no user to log in as',
      remedy: `dcvops access user add NAME --proxy ${name}`,
    };
  },
});
