import { STATE_FILES } from './state.ts';

/* Where a proxy keeps who may log in, and what nginx and the commands call it. All of it is state, never of a release. */

/** The users and the hashes of their passwords, as htpasswd writes them. 0640, of the group of nginx's workers. */
export const USERS_FILE = `${STATE_FILES}/users`;

/** Folder of the files that hold the login cookie's secret. */
export const LOGIN_DIRECTORY = `${STATE_FILES}/login`;

/** As nginx includes them: to a pattern that no file matches, nginx says nothing. The files are `accept.map`, `issue.map`. */
export const LOGIN_FILES = {
  accept: `${LOGIN_DIRECTORY}/accept*.map`,
  issue: `${LOGIN_DIRECTORY}/issue*.map`,
} as const;

/** What browsers show when they ask for the password. */
export const LOGIN_REALM = 'DCV gateway';
