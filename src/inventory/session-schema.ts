import * as z from 'zod/mini';
import { DEFAULTS } from './defaults.ts';
import { choice, list, record, text, wholeNumber, withDefault } from './fields.ts';
import {
  LONGEST_SESSION_NAME,
  SESSION_ID_PATTERN,
  SESSION_NAME_PATTERN,
  STORAGE_ROOT_PATTERN,
  USER_PATTERN,
} from './names.ts';

/* Sessions in the inventory: what a new one is like, and which are to be there. */

const A_USER = 'a user name';
const A_SESSION_ID = 'letters and digits, with . _ - between them, at most 64';
const A_REMOTE_FILE = /^\/[^\u0000-\u001f\u007f-\u009f]*$/;
const AN_AGENT_PATTERN = /^@?[A-Za-z0-9*?][A-Za-z0-9*?.:_-]*$/;

const sessionType = z.optional(
  choice(
    'virtual: a desktop of its own, any number of them. console: the machine’s screen, one for each host.',
    ['virtual', 'console'],
    DEFAULTS.sessionType,
  ),
);

const sessionDefaults = record('What session create does when its options say nothing.', {
  type: sessionType,
  user: z.optional(
    text('The user the desktop runs as. Left out: the agents’ SSH user.', A_USER, USER_PATTERN),
  ),
  owner: z.optional(text('Who may connect to the session. Left out: its user.', A_USER, USER_PATTERN)),
  id: z.optional(
    withDefault(
      'The id of a session that is named by its agent only.',
      text('', A_SESSION_ID, SESSION_ID_PATTERN),
      DEFAULTS.sessionId,
    ),
  ),
});

const remoteFile = (about: string) => z.optional(text(about, 'an absolute path on the agent', A_REMOTE_FILE));

const declared = {
  id: z.optional(
    text('The session’s id. Left out: that of sessions.defaults.', A_SESSION_ID, SESSION_ID_PATTERN),
  ),
  type: sessionType,
  user: z.optional(
    text('The user a virtual session runs as. Left out: that of sessions.defaults.', A_USER, USER_PATTERN),
  ),
  owner: z.optional(text('Who may connect. Left out: its user.', A_USER, USER_PATTERN)),
  name: z.optional(
    text('Its title.', `one line of up to ${LONGEST_SESSION_NAME} characters`, SESSION_NAME_PATTERN),
  ),
  permissions_file: remoteFile('The permissions file, on the agent. Left out: the server’s own.'),
  storage_root: z.optional(
    text(
      'The folder for file transfer, on the agent; %home% is the user’s home.',
      'an absolute path on the agent, or one that begins with %home%',
      STORAGE_ROOT_PATTERN,
    ),
  ),
  gl: z.optional(
    z
      .enum(['on', 'off'], { error: 'on or off' })
      .check(z.meta({ description: 'GPU sharing of a virtual session. Left out: as dcv.conf has it.' })),
  ),
  max_concurrent_clients: z.optional(
    wholeNumber('How many people may be connected at once.', 'a number of people', 1, 99_999),
  ),
  init: remoteFile('The script that starts a virtual session’s desktop, executable, on the agent.'),
};

const ABOUT_A_SESSION =
  'A session that is to be there: dcvops session restore creates it where it is missing.';

/** `agents[].sessions` */
export const agentSessions = list(
  'The sessions that are to be on this agent, beside those of sessions.declared.',
  'a list of sessions, such as [{ id: desk }]',
  record(ABOUT_A_SESSION, declared),
);

/** The `sessions` section. */
export const sessions = record('What sessions are like, and which are to be there.', {
  defaults: z.optional(sessionDefaults),
  declared: z.optional(
    list(
      'The sessions that are to be there, for several agents at once.',
      'a list of sessions, such as [{ agents: ["@gpu"], id: desk }]',
      record(ABOUT_A_SESSION, {
        agents: list(
          'The agents that are to have it: names, globs, @tags, or agents for all of them.',
          'a list of agents, such as [agent1], [gpu-*] or ["@gpu"]',
          text(
            'An agent’s name, a glob, a @tag, or agents.',
            'an agent’s name, a glob, a @tag, or agents',
            AN_AGENT_PATTERN,
          ),
          1,
        ),
        ...declared,
      }),
    ),
  ),
});
