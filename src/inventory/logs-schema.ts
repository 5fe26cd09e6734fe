import * as z from 'zod/mini';
import { DURATION_PATTERN, readDuration } from './duration.ts';
import { choice, list, readable, record, text, wholeNumber, withDefault } from './fields.ts';
import type { LogFileFormat } from './types.ts';

/** The sources of logs that dcvops knows by itself, by the names that `--source` takes. */
export const BUILT_IN_SOURCES: readonly string[] = ['access', 'error', 'dcv', 'journal', 'session', 'auth'];

const FORMATS: readonly LogFileFormat[] = ['nginx-json', 'nginx-combined', 'nginx-error', 'dcv', 'text'];

/**
 * When `logs watch` raises an alert, where the inventory says nothing: half as much again, at least, as the most in any
 * window of generated days of normal use, with 50 people behind one address (`test/unit/logs/watch-rules.test.ts` measures it).
 */
export const WATCH_DEFAULTS = {
  window: '5m',
  denied: 40,
  agents: 20,
  handshakes: 300,
  upstreamFailures: 150,
  tlsErrors: 30,
  newNetworks: true,
  outside: true,
} as const;

const SOURCE_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const A_FILE_GLOB = /^(?:\/[A-Za-z0-9._@+=*?-]+)+$/;
const A_UNIT = /^[A-Za-z0-9_][A-Za-z0-9:_.@-]{0,200}$/;
const A_HOST_PATTERN = /^@?[A-Za-z0-9*?][A-Za-z0-9*?.:_-]*$/;

const sourceName = readable(
  'The name to type: dcvops logs --source NAME.',
  (name) => {
    if (BUILT_IN_SOURCES.includes(name.toLowerCase())) {
      return { allowed: `another name (${BUILT_IN_SOURCES.join(', ')} are built in)` };
    }
    return SOURCE_NAME.test(name) ? { value: name } : { allowed: 'letters and digits, with - between them' };
  },
  SOURCE_NAME,
);

/** The operator's own sources of logs. */
export const logs = list(
  'Logs of your own for dcvops logs to read, beside those of nginx and DCV.',
  'a list of { name, path } or { name, unit }',
  record('One source of logs: files, or a systemd unit’s part of the journal.', {
    name: sourceName,
    path: z.optional(
      text(
        'The files on the host, absolute; * and ? are globs.',
        'an absolute path of letters, digits and . _ - + = @, in which * and ? are globs',
        A_FILE_GLOB,
      ),
    ),
    unit: z.optional(
      text(
        'The systemd unit, with or without .service, whose journal is read.',
        'the name of a systemd unit',
        A_UNIT,
      ),
    ),
    format: z.optional(choice('What the lines of the files look like; text is any other.', FORMATS, 'text')),
    hosts: z.optional(
      list(
        'The hosts that have it: names, globs or @tags; proxies or agents for all of them. Left out: every host.',
        'a list of hosts, such as [agents], [gpu-*] or ["@gpu"]',
        text(
          'A host’s name, a glob, a @tag, proxies or agents.',
          'a host’s name, a glob, a @tag, proxies or agents',
          A_HOST_PATTERN,
        ),
        1,
      ),
    ),
  }),
);

const SHORTEST_WINDOW_MS = 10_000;
const LONGEST_WINDOW_MS = 86_400_000;

function readWindow(written: string): { readonly value: number } | { readonly allowed: string } {
  const duration = readDuration(written);
  return duration !== undefined && duration.value >= SHORTEST_WINDOW_MS && duration.value <= LONGEST_WINDOW_MS
    ? duration
    : { allowed: 'a duration such as 30s, 5m or 1h, 10s to 24h' };
}

/** What `logs watch` takes for anomalous access. */
export const watch = record(
  'When dcvops logs watch raises an alert. 0 or false switches a rule off. Each proxy is counted on its own.',
  {
    window: z.optional(
      withDefault(
        'How far back the rules count, such as 30s, 5m or 1h; the same alert is raised once in it.',
        readable('', readWindow, DURATION_PATTERN),
        WATCH_DEFAULTS.window,
      ),
    ),
    denied: z.optional(
      threshold(
        'Answers 401, 403, 404 and 429 to one client. A browser’s first question for a password and its search for an icon don’t count.',
        WATCH_DEFAULTS.denied,
      ),
    ),
    agents: z.optional(
      threshold(
        'Different agents’ addresses tried by one client. An agent that is known to answer counts as a tenth of one: many people may share an address.',
        WATCH_DEFAULTS.agents,
        1000,
      ),
    ),
    handshakes: z.optional(
      threshold(
        'WebSockets that one client began and that ended, or were refused, in the window.',
        WATCH_DEFAULTS.handshakes,
      ),
    ),
    upstream_failures: z.optional(
      threshold('Answers 502 and 504 in the place of one agent.', WATCH_DEFAULTS.upstreamFailures),
    ),
    tls_errors: z.optional(
      threshold(
        'TLS handshakes of one client that failed, as far as nginx logs them.',
        WATCH_DEFAULTS.tlsErrors,
      ),
    ),
    new_networks: z.optional(
      onOff(
        'A desktop is reached from a client network (IPv4 /16, IPv6 /48) that was not seen before in this watch.',
        WATCH_DEFAULTS.newNetworks,
      ),
    ),
    outside: z.optional(
      onOff(
        'One client asks for three different addresses outside of gateway.agent_networks, or for one that nobody types by mistake (loopback, a cloud’s metadata).',
        WATCH_DEFAULTS.outside,
      ),
    ),
  },
);

function threshold(about: string, byDefault: number, most = 1_000_000) {
  const noun = 'a whole number (0 or false: off)';
  return withDefault(
    about,
    z.union([z.literal(false), wholeNumber('', noun, 0, most)], { error: `${noun}, 0 to ${most}` }),
    byDefault,
  );
}

function onOff(about: string, byDefault: boolean) {
  return withDefault(about, z.boolean({ error: 'true or false' }), byDefault);
}
