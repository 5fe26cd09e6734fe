import * as z from 'zod/mini';
import { readAgentAddress, readAgentNetwork, readClientNetwork, readHost } from './addresses.ts';
import { readListen, readUrl } from './endpoints.ts';
import { choice, list, readable, record, text, wholeNumber, withDefault } from './fields.ts';
import { logs, watch } from './logs-schema.ts';
import { NAME_PATTERN, SESSION_ID_PATTERN, TAG_PATTERN, USER_PATTERN, nameProblem } from './names.ts';

/*
 * The inventory file's shape: the one source of what is read, of the messages for what is not, and of the JSON Schema
 * that editors use. A field's error text says what is allowed there; the place and what was found are added by
 * `shape.ts`. Values stay as they were written; `resolve.ts` makes them canonical and fills in defaults. (zod/mini
 * loads in less than half of zod's time, and every run of dcvops pays it.)
 */

/** What left-out settings mean; the schema tells it to editors, `resolve.ts` to the program. */
export const DEFAULTS = {
  listen: 8443,
  workerConnections: 16_384,
  sessionType: 'virtual',
  sessionId: 'desktop-session',
  hostKeys: 'strict',
  /** Where DCV's own gateway kept its certificate, and where the scripts before dcvops expected it. */
  certificate: '/etc/dcv-connection-gateway/certs/dcv.crt',
  certificateKey: '/etc/dcv-connection-gateway/certs/dcv.key',
  /** Below /etc/nginx, so that SELinux lets nginx read them. */
  selfSignedCertificate: '/etc/nginx/dcv-gateway.crt',
  selfSignedKey: '/etc/nginx/dcv-gateway.key',
} as const;

const A_USER = 'a user name';
const A_HOST_NAME = 'the name of a host in this inventory';
const A_LOCAL_FILE = /^[^\u0000-\u001f\u007f-\u009f]+$/;
/** Stands in nginx's configuration, so it holds nothing that means something there. */
const A_REMOTE_FILE = /^(?:\/[A-Za-z0-9._@+=-]+)+$/;
const REMOTE_FILE_ALLOWED = 'an absolute path of letters, digits and . _ - + = @';

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
});

const access = record(
  'Who may connect to the gateway.',
  {
    allow: z
      .union(
        [
          z.literal('any'),
          list(
            'These networks may connect, nobody else.',
            'a list of networks',
            readable('A network such as 10.213.0.0/16, or one address.', readClientNetwork),
            1,
          ),
        ],
        { error: 'a list of networks such as [10.213.0.0/16], or any for everyone' },
      )
      .check(
        z.meta({
          description:
            'The networks that may connect, such as [10.213.0.0/16]; any means everyone who can reach the port.',
        }),
      ),
  },
  '{ allow: [networks that may connect] }, or { allow: any } for everyone',
);

const gateway = record(
  'What nginx on the proxies does.',
  {
    listen: z.optional(
      withDefault(
        'Where the gateway answers: a port, or ADDRESS:PORT to answer on one address only (a VPN interface).',
        z
          .union([z.number(), z.string()], { error: allowedListen })
          .check(
            z.refine((value: string | number) => 'value' in readListen(value), { error: allowedListen }),
          ),
        DEFAULTS.listen,
      ),
    ),
    url: z.optional(
      readable(
        'What people open in the browser, when it is not https://PROXY:PORT (a name, a port that is forwarded).',
        readUrl,
      ),
    ),
    tls: z.optional(
      z
        .union(
          [
            z.literal('self-signed'),
            record('The certificate and its key, as files on the proxies.', {
              self_signed: z.optional(
                z
                  .boolean({ error: 'true or false' })
                  .check(
                    z.meta({ description: 'Create the files below when they are missing.', default: false }),
                  ),
              ),
              certificate: z.optional(
                text('The certificate with its chain, a PEM file.', REMOTE_FILE_ALLOWED, A_REMOTE_FILE),
              ),
              key: z.optional(text('Its private key, a PEM file.', REMOTE_FILE_ALLOWED, A_REMOTE_FILE)),
            }),
          ],
          { error: 'self-signed, or { certificate: /path/on/the/proxy, key: /path/on/the/proxy }' },
        )
        .check(
          z.meta({
            description: `The gateway's certificate: files on the proxies (left out: ${DEFAULTS.certificate} and its .key), or self-signed, which creates what is missing.`,
          }),
        ),
    ),
    default: z.optional(
      z
        .union(
          [
            text('An agent of this inventory, by name.', 'the name of an agent', NAME_PATTERN),
            list(
              'A pool: each client stays with one of these agents.',
              'a list of agent names',
              text('An agent of this inventory, by name.', 'the name of an agent', NAME_PATTERN),
              1,
            ),
          ],
          { error: 'the name of an agent, or a list of names' },
        )
        .check(
          z.meta({ description: 'The agent that answers paths without an address; several are a pool.' }),
        ),
    ),
    agent_networks: z.optional(
      list(
        'Every agent in these networks is routed, named here or not; all other addresses are refused. Left out: the agents named here only.',
        'a list of networks, such as [10.150.248.0/24]',
        readable('A network such as 10.150.248.0/24, or one address.', readAgentNetwork),
        1,
      ),
    ),
    access,
    worker_connections: z.optional(
      withDefault(
        'nginx’s worker_connections that a proxy should have at least; an open desktop takes about twenty.',
        wholeNumber('', 'a whole number', 512, 1_000_000),
        DEFAULTS.workerConnections,
      ),
    ),
  },
  'at least access: { allow: [networks that may connect] }',
);

const sessions = record('What session create does when its options say nothing.', {
  defaults: z.optional(
    record('What session create does when its options say nothing.', {
      type: z.optional(
        choice(
          'virtual: a desktop of its own, any number of them. console: the machine’s screen, one for each host.',
          ['virtual', 'console'],
          DEFAULTS.sessionType,
        ),
      ),
      user: z.optional(
        text('The user the desktop runs as. Left out: the agents’ SSH user.', A_USER, USER_PATTERN),
      ),
      owner: z.optional(text('Who may connect to the session. Left out: its user.', A_USER, USER_PATTERN)),
      id: z.optional(
        withDefault(
          'The id of a session that is named by its agent only.',
          text('', 'letters and digits, with . _ - between them, at most 64', SESSION_ID_PATTERN),
          DEFAULTS.sessionId,
        ),
      ),
    }),
  ),
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

function allowedListen({ input }: { input?: unknown }): string {
  const reading = readListen(typeof input === 'string' || typeof input === 'number' ? input : '');
  return 'allowed' in reading ? reading.allowed : 'a port';
}
