import * as z from 'zod/mini';
import { readAgentNetwork, readClientNetwork } from './addresses.ts';
import { DEFAULTS } from './defaults.ts';
import { readListen, readUrl } from './endpoints.ts';
import { choice, list, readable, record, text, wholeNumber, withDefault } from './fields.ts';
import { NAME_PATTERN } from './names.ts';

/* The inventory's `gateway` section, and what an agent says about its place behind the gateway. */

/** Stands in nginx's configuration, so it holds nothing that means something there. */
const A_REMOTE_FILE = /^(?:\/[A-Za-z0-9._@+=-]+)+$/;
const REMOTE_FILE_ALLOWED = 'an absolute path of letters, digits and . _ - + = @';

const clientNetwork = readable('A network such as 10.213.0.0/16, or one address.', readClientNetwork);

function allowField(about: string, whatElse: string) {
  return z
    .union(
      [
        z.literal('any'),
        list('These networks may connect, nobody else.', 'a list of networks', clientNetwork, 1),
      ],
      { error: 'a list of networks such as [10.213.0.0/16], or any for everyone' },
    )
    .check(z.meta({ description: `${about}, such as [10.213.0.0/16]; any means ${whatElse}.` }));
}

function denyField(about: string) {
  return z.optional(list(about, 'a list of networks', clientNetwork, 1));
}

function flag(about: string, byDefault: boolean) {
  return z.boolean({ error: 'true or false' }).check(z.meta({ description: about, default: byDefault }));
}

const rate = z
  .union(
    [
      z.literal('off'),
      z.literal(false),
      record('How much one client may do; what is left out keeps its default.', {
        requests: z.optional(
          withDefault(
            'Requests a second of one client’s address, with ten seconds’ worth at once.',
            wholeNumber('', 'a whole number', 1, 1_000_000),
            DEFAULTS.rate.requests,
          ),
        ),
        handshakes: z.optional(
          withDefault(
            'New WebSockets a second of one client’s address, with ten seconds’ worth at once; a desktop opens about ten.',
            wholeNumber('', 'a whole number', 1, 1_000_000),
            DEFAULTS.rate.handshakes,
          ),
        ),
        connections: z.optional(
          withDefault(
            'Requests and WebSockets of one client’s address that are open at the same time.',
            wholeNumber('', 'a whole number', 1, 1_000_000),
            DEFAULTS.rate.connections,
          ),
        ),
      }),
    ],
    { error: 'off, or { requests: N, handshakes: N, connections: N }' },
  )
  .check(
    z.meta({
      description:
        'Limits for each client’s address; off: none. The defaults let 50 people behind one address open their desktops at once.',
    }),
  );

const access = record(
  'Who may connect to the gateway.',
  {
    allow: allowField('The networks that may connect', 'everyone who can reach the port'),
    deny: denyField('Networks that may not connect, also where a network of allow holds them.'),
    real_ip_from: z.optional(
      list(
        'Load balancers in front of the proxies: what they write in X-Forwarded-For is taken for the client’s address.',
        'a list of networks',
        clientNetwork,
        1,
      ),
    ),
    basic: z.optional(
      flag(
        'Ask for a name and a password, too (HTTP Basic). The users are on the proxies: dcvops access user add NAME.',
        false,
      ),
    ),
    rate: z.optional(rate),
  },
  '{ allow: [networks that may connect] }, or { allow: any } for everyone',
);

const anAgent = text('An agent of this inventory, by name.', 'the name of an agent', NAME_PATTERN);

const weighted = z.union(
  [
    anAgent,
    record('An agent that gets more clients than others.', {
      agent: anAgent,
      weight: z.optional(
        withDefault(
          'Its share: an agent of weight 2 gets twice the clients of one of weight 1.',
          wholeNumber('', 'a whole number', 1, 100),
          1,
        ),
      ),
    }),
  ],
  { error: 'the name of an agent, or { agent: NAME, weight: N }' },
);

function severalAgents(about: string) {
  return z
    .union([anAgent, list(about, 'a list of agent names', weighted, 1)], {
      error: 'the name of an agent, or a list of names',
    })
    .check(z.meta({ description: about }));
}

const byDefault = z
  .union(
    [
      anAgent,
      list('A pool: each client stays with one of these agents.', 'a list of agent names', weighted, 1),
      record('What answers paths without an address.', {
        pool: z.optional(severalAgents('Each client stays with one of these agents.')),
        redirect: z.optional(
          severalAgents('A browser that asks for / is led to /ADDRESS/ of one of these agents.'),
        ),
      }),
    ],
    { error: 'the name of an agent, a list of names, { pool: [NAMES] } or { redirect: [NAMES] }' },
  )
  .check(
    z.meta({
      description:
        'The agent that answers paths without an address. Several are a pool, whose clients stay with one agent; { redirect: [NAMES] } leads a browser to /ADDRESS/ of one of them.',
    }),
  );

const tls = z
  .union(
    [
      z.literal('self-signed'),
      record('The certificate and its key, as files on the proxies.', {
        self_signed: z.optional(flag('Create the files below when they are missing.', false)),
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
  );

/** The `gateway` section. */
export const gateway = record(
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
    tls: z.optional(tls),
    default: z.optional(byDefault),
    agent_networks: z.optional(
      list(
        'Every agent in these networks is routed, named here or not; all other addresses are refused. Left out: the agents named here only.',
        'a list of networks, such as [10.150.248.0/24]',
        readable('A network such as 10.150.248.0/24, or one address.', readAgentNetwork),
        1,
      ),
    ),
    access,
    verify_agents: z.optional(
      flag(
        'Take an agent’s answers only with the certificate that was pinned for it (dcvops agent pin). Addresses that are not named here are refused then.',
        false,
      ),
    ),
    portal: z.optional(
      flag(
        'A page at /portal/ that lists the agents without access lists of their own, with a link to each desktop.',
        false,
      ),
    ),
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

/** An agent's `state`. */
export const agentState = choice(
  'in-service: as usual. draining: no new clients by the default route; its own path and open desktops go on. maintenance: the gateway answers 503 for it.',
  ['in-service', 'draining', 'maintenance'],
  'in-service',
);

/** An agent's `access`. */
export const agentAccess = record('Who may connect to this agent, of those who may connect to the gateway.', {
  allow: z.optional(allowField('The networks that may connect', 'everyone whom the gateway lets in')),
  deny: denyField('Networks that may not connect to this agent.'),
});

function allowedListen({ input }: { input?: unknown }): string {
  const reading = readListen(typeof input === 'string' || typeof input === 'number' ? input : '');
  return 'allowed' in reading ? reading.allowed : 'a port';
}
