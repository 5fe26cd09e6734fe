import * as z from 'zod/mini';
import { readAgentAddress, readHost } from './addresses.ts';
import { DEFAULTS } from './defaults.ts';
import { choice, list, readable, record, text, wholeNumber } from './fields.ts';
import { agentAccess, agentState, gateway } from './gateway-schema.ts';
import { logs, watch } from './logs-schema.ts';
import { NAME_PATTERN, TAG_PATTERN, USER_PATTERN, nameProblem } from './names.ts';
import { agentSessions, sessions } from './session-schema.ts';

/*
 * The inventory file's shape: the one source of what is read, of the messages for what is not, and of the JSON Schema
 * that editors use. A field's error text says what is allowed there; the place and what was found are added by
 * `shape.ts`. Values stay as they were written; `resolve.ts` makes them canonical and fills in defaults. (zod/mini
 * loads in less than half of zod's time, and every run of dcvops pays it.)
 */

const A_USER = 'a user name';
const A_HOST_NAME = 'the name of a host in this inventory';
const WEB_URL_PATH = /^(?:\/|(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)+)$/;
const A_LOCAL_FILE = /^[^\u0000-\u001f\u007f-\u009f]+$/;
const sshSettings = record('How to log in by SSH. What is left out comes from ~/.ssh/config.', {
  user: z.optional(text('The user to log in as; has to be root or able to sudo.', A_USER, USER_PATTERN)),
  key: z.optional(
    text(
      'The private key: absolute, from ~, or relative to this file. Left out: ssh-agent and ~/.ssh/config.',
      'the path of a private key',
      A_LOCAL_FILE,
    ),
  ),
  port: z.optional(
    wholeNumber('The port that sshd listens on; 22 when nothing says otherwise.', 'a port', 1, 65_535),
  ),
  known_hosts: z.optional(
    text(
      'The file that holds the known host keys; ~/.ssh/known_hosts when nothing says otherwise.',
      'the path of a known_hosts file',
      A_LOCAL_FILE,
    ),
  ),
  host_keys: z.optional(
    choice(
      'strict: a host whose key is not known is refused (dcvops trust shows the keys and adds them). accept-new: its key is added at the first login. A key that changed is refused by both.',
      ['strict', 'accept-new'],
      DEFAULTS.hostKeys,
    ),
  ),
  jump: z.optional(
    text(
      'The host of this inventory to go through, by name. none: directly, where a default names one.',
      `${A_HOST_NAME}, or none`,
      NAME_PATTERN,
    ),
  ),
}).check(z.meta({ id: 'ssh' }));

const hostName = readable(
  'The name to type in commands, also as https://PROXY:8443/NAME/: letters, digits and dashes, a letter first.',
  (name) => {
    const allowed = nameProblem(name);
    return allowed === undefined ? { value: name } : { allowed };
  },
  NAME_PATTERN,
);

const tags = z.optional(
  list(
    'Words to pick several hosts by: dcvops session list @gpu.',
    'a list of tags, such as [gpu, ubuntu]',
    text('A tag, without the @.', 'letters and digits, with . _ - between them', TAG_PATTERN),
  ),
);

const proxy = record('An nginx host, the way in to the agents.', {
  name: hostName,
  host: readable('The IP address or host name to reach it by SSH.', readHost),
  tags,
  ssh: z.optional(sshSettings),
});

const agent = record('A host that runs Amazon DCV.', {
  name: hostName,
  host: readable(
    'The IP address, as the proxies reach it. It is part of the URL: https://PROXY:8443/ADDRESS/.',
    readAgentAddress,
  ),
  tags,
  ssh: z.optional(sshSettings),
  state: z.optional(agentState),
  access: z.optional(agentAccess),
  web_url_path: z.optional(
    text(
      'The path below which DCV serves its pages: web-url-path in dcv.conf, where that is not /.',
      'a path such as /desk1: letters, digits and . _ - between slashes, none at the end',
      WEB_URL_PATH,
    ),
  ),
  sessions: z.optional(agentSessions),
});

const defaults = record('Said once for all hosts; a host’s own settings win.', {
  ssh: z.optional(sshSettings),
  agents: z.optional(
    record('For agents only; wins over the general defaults.', { ssh: z.optional(sshSettings) }),
  ),
});

/** The whole file. A later section is one more key here. */
export const inventorySchema = record('A dcvops inventory.', {
  defaults: z.optional(defaults),
  proxies: list('The nginx hosts.', 'a list of proxies, at least one', proxy, 1),
  agents: z.optional(list('The DCV hosts.', 'a list of agents', agent)),
  gateway,
  sessions: z.optional(sessions),
  logs: z.optional(logs),
  watch: z.optional(watch),
});

/** The file's content, valid but not yet resolved. */
export type InventoryFile = z.infer<typeof inventorySchema>;
export type SshSection = z.infer<typeof sshSettings>;
