import { LOGIN_DIRECTORY, USERS_FILE } from '../../../gateway/login-state.ts';
import { proxyCheck } from '../../check.ts';
import { openToOthers } from './view.ts';

/** Everybody on the host may read passwords' hashes, or the secret of the login's cookie. */
export const loginExposed = proxyCheck({
  id: 'proxy/login-exposed',
  severity: 'error',
  title: 'Everybody on the proxy may read what opens the gateway',
  why: 'The secret of the login’s cookie is as good as a password, and hashes of weak passwords are soon found out.',
  remedy: `dcvops exec --sudo PROXY -- chmod o= ${USERS_FILE} ${LOGIN_DIRECTORY}/accept.map ${LOGIN_DIRECTORY}/issue.map`,
  fix: 'takes the right to read from everybody else; undone with chmod',
  look: ({ name, proxy }) => openToOthers(name, proxy.login?.files ?? []),
});
