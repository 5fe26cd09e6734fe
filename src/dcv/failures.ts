import { type TypedCommand, retryCommand } from './retry-command.ts';

/** What is known of a failed `dcv create-session`. */
export interface CreateFailure {
  /** Stable name for programs. */
  readonly kind:
    | 'service-stopped'
    | 'no-bus'
    | 'no-licence'
    | 'licences-in-use'
    | 'unknown-option'
    | 'not-installed'
    | 'exists'
    | 'unknown';
  /** Why, in one clause: "DCV found no licence". */
  readonly cause: string;
  /** What to do; several lines are several steps. */
  readonly remedy: string | undefined;
}

interface KnownFailure {
  readonly kind: CreateFailure['kind'];
  readonly pattern: RegExp;
  readonly cause: string;
  readonly remedy: (command: TypedCommand) => string;
}

const SERVER_LOG = '/var/log/dcv/server.log';

/** First match wins. The messages are those that DCV is known to print; their wording may gain words around it. */
const KNOWN: readonly KnownFailure[] = [
  {
    kind: 'service-stopped',
    pattern: /dcvserver service is not running/i,
    cause: 'dcvserver is not running',
    remedy: (command) => retryCommand(command, ['--start-service']),
  },
  {
    kind: 'no-bus',
    pattern: /could not get the system bus/i,
    cause:
      'dcv could not reach dcvserver over the system bus (D-Bus restarted, or the caller has no account)',
    remedy: ({ agent }) => `dcvops exec ${agent} -- systemctl status --no-pager dbus dcvserver`,
  },
  {
    kind: 'licences-in-use',
    pattern: /all licenses in use|no licenses\b/i,
    cause: 'all DCV licences are in use',
    remedy: () => 'end a session that nobody needs: dcvops session list',
  },
  {
    kind: 'no-licence',
    pattern: /could not acquire dcv licenses|no license for product/i,
    cause: 'DCV found no licence',
    remedy: ({ agent }) =>
      'on EC2: let the instance read the bucket dcv-license.REGION; elsewhere: set [license] license-file\n' +
      `dcvops exec ${agent} -- sudo grep license ${SERVER_LOG}`,
  },
  {
    kind: 'unknown-option',
    pattern: /unknown option\s+(?<what>\S+)/i,
    cause: 'this version of dcv does not know the option $<what>',
    remedy: ({ agent }) => `dcvops exec ${agent} -- dcv create-session --help`,
  },
  {
    kind: 'exists',
    pattern: /already exists/i,
    cause: 'a session with this id appeared meanwhile',
    remedy: () => 'dcvops session list',
  },
  {
    kind: 'not-installed',
    pattern: /dcv: (?:command )?not found/i,
    cause: 'DCV is not installed',
    remedy: ({ agent }) => `dcvops exec ${agent} -- ls /usr/bin/dcv`,
  },
];

/** Says what a failed create-session means and what to do about it. Pure. */
export function explainCreateFailure(output: string, command: TypedCommand): CreateFailure {
  for (const { kind, pattern, cause, remedy } of KNOWN) {
    const match = pattern.exec(output);
    if (match === null) continue;
    return { kind, cause: cause.replace('$<what>', match.groups?.['what'] ?? ''), remedy: remedy(command) };
  }
  return {
    kind: 'unknown',
    cause: explainSilence(output),
    remedy: `dcvops exec ${command.agent} -- sudo tail -n 30 ${SERVER_LOG}`,
  };
}

/** The line of dcv's own words that says why it failed. */
export function explainSilence(output: string | undefined): string {
  const lines = (output ?? '')
    .split(/\r?\n/)
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const said = lines.find((text) => /could not|error|fail/i.test(text)) ?? lines[0];
  return said === undefined
    ? 'dcv said nothing'
    : said.replace(/^Could not [a-z ]+\.\s*(?=\S)/, '').slice(0, 300);
}
