import { USERS_FILE } from '../../../gateway/login-state.ts';
import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';

/** nginx's workers may not read the users; the master, which is root's, reads them never. */
export const usersUnreadable = proxyCheck({
  id: 'proxy/users-unreadable',
  severity: 'error',
  title: 'nginx may not read the users of its login',
  why: 'Every login ends with status 500, whatever the password.',
  remedy: `dcvops exec --sudo PROXY -- chgrp GROUP ${USERS_FILE}`,
  symptoms: ['nginx'],
  follows: ['proxy/not-deployed'],
  look: ({ name, proxy: { live, login } }) => {
    if (live?.basic !== true || login?.readable !== false) return undefined;
    const mode = login.files.find(({ path }) => path === USERS_FILE)?.mode ?? '';
    const group = login.workerGroup ?? 'GROUP';
    return {
      seen: `${USERS_FILE} is ${mode}, and nginx’s workers are of the group ${group}`,
      remedy: steps(asRoot(name, 'chgrp', group, USERS_FILE), asRoot(name, 'chmod', '640', USERS_FILE)),
    };
  },
});
