import type { SessionLog } from './session/logs.ts';
import { type TypedCommand, retryCommand } from './session/retry-command.ts';

/** What is known of a failed `dcv create-session`, or of a session that ended at once. */
export interface CreateFailure {
  /** Stable name for programs. */
  readonly kind:
    | 'service-stopped'
    | 'no-bus'
    | 'no-licence'
    | 'licence-s3'
    | 'licence-expired'
    | 'licences-in-use'
    | 'console-needs-root'
    | 'console-beside-virtual'
    | 'console-exists'
    | 'unknown-option'
    | 'not-installed'
    | 'exists'
    | 'stale-x-lock'
    | 'conda'
    | 'no-desktop'
    | 'crash'
    | 'unknown';
  /** Why, in one clause: "DCV found no licence". */
  readonly cause: string;
  /** What to do; several lines are several steps. */
  readonly remedy: string | undefined;
}

/** What else is known where a session could not be created. */
export interface CreateCircumstances {
  /** The first line of `dcv version`. */
  readonly version?: string | undefined;
  /** Ends of the server's logs. */
  readonly logs?: readonly SessionLog[];
}

interface KnownFailure {
  readonly kind: CreateFailure['kind'];
  readonly pattern: RegExp;
  /** `$<what>` is the pattern's group of that name. */
  readonly cause: string;
  readonly remedy: (command: TypedCommand) => string;
}

const SERVER_LOG = '/var/log/dcv/server.log';

const LICENCES_IN_USE: KnownFailure = {
  kind: 'licences-in-use',
  pattern: /all licenses in use|no licenses\b/i,
  cause: 'all DCV licences are in use',
  remedy: () => 'end a session that nobody needs: dcvops session list',
};

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
    remedy: ({ agent }) => `dcvops service status ${agent} --unit dbus\ndcvops service status ${agent}`,
  },
  LICENCES_IN_USE,
  {
    kind: 'no-licence',
    pattern: /could not acquire dcv licenses|no license for product/i,
    cause: 'DCV found no licence',
    remedy: ({ agent }) =>
      'on EC2: let the instance read the bucket dcv-license.REGION; elsewhere: set [license] license-file\n' +
      `dcvops exec --sudo ${agent} -- grep license ${SERVER_LOG}`,
  },
  {
    kind: 'unknown-option',
    pattern: /unknown option\s+(?<what>--?[\w-]+)/i,
    cause: 'this version of dcv does not know the option $<what>',
    remedy: ({ agent }) => `dcvops exec ${agent} -- dcv create-session --help`,
  },
  {
    kind: 'console-needs-root',
    pattern:
      /only (?:the )?root\b[^\n]{0,80}console|console[^\n]{0,80}(?:only|requires?|needs?)[^\n]{0,40}\broot\b/i,
    cause: 'only root can create console sessions, and dcv does not take dcvops for root',
    remedy: ({ agent }) => `dcvops exec --sudo ${agent} -- id`,
  },
  {
    kind: 'console-beside-virtual',
    pattern: /console and virtual sessions|virtual and console sessions/i,
    cause: 'DCV has one console or virtual sessions, never both, and the other kind is there',
    remedy: (command) =>
      `dcvops session list ${command.agent}\n${retryCommand(command, ['--replace'])}   (ends that desktop)`,
  },
  {
    kind: 'console-exists',
    pattern: /console session[^\n]{0,40}already (?:exists|running)/i,
    cause: 'there is a console session, and DCV has one',
    remedy: ({ agent }) => `dcvops session list ${agent}`,
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

/** Why there is no licence, as the server's log has it. First match wins. */
const LICENCE_CAUSES: readonly KnownFailure[] = [
  {
    kind: 'licence-s3',
    pattern: /Unable to retrieve license object from AWS S3 bucket(?: '(?<what>[\w.-]{1,80})')?/i,
    cause: 'DCV found no licence: the instance cannot read it in S3 ($<what>)',
    remedy: ({ agent }) =>
      'give the instance’s role s3:GetObject on arn:aws:s3:::dcv-license.REGION/*, and a way to S3\n' +
      `dcvops exec --sudo ${agent} -- dcv reload-licenses`,
  },
  {
    kind: 'licence-expired',
    pattern:
      /(?:demo|evaluation)[^\n]{0,80}expired|licen[cs]e[^\n]{0,80}\bexpired|expired[^\n]{0,40}licen[cs]e/i,
    cause: 'DCV’s licence has expired (outside of EC2 a new server runs 30 days without one)',
    remedy: ({ agent }) =>
      'set [license] license-file in /etc/dcv/dcv.conf\n' +
      `dcvops exec --sudo ${agent} -- dcv reload-licenses`,
  },
  LICENCES_IN_USE,
];

/** Says what a failed create-session means and what to do about it. Pure. */
export function explainCreateFailure(
  output: string,
  command: TypedCommand,
  { version, logs = [] }: CreateCircumstances = {},
): CreateFailure {
  const known = firstOf(KNOWN, output, command);
  if (known === undefined) {
    return {
      kind: 'unknown',
      cause: explainSilence(output),
      remedy: `dcvops exec --sudo ${command.agent} -- tail -n 30 ${SERVER_LOG}`,
    };
  }
  if (known.kind === 'no-licence') {
    const said = [output, ...logs.map(({ text }) => text)].join('\n');
    return firstOf(LICENCE_CAUSES, said, command) ?? known;
  }
  if (known.kind === 'unknown-option' && version !== undefined && version !== '') {
    return { ...known, cause: `${known.cause} (${version})` };
  }
  return known;
}

/**
 * What ends a session as soon as it is there, by the lines of its logs. DCV documents none of them; they are what X, shells
 * and the kernel say (and the Administrator Guide's chapters of troubleshooting tell of each).
 */
const DEATHS: readonly KnownFailure[] = [
  {
    kind: 'stale-x-lock',
    pattern: /server already running|server is already active for display (?<what>\d{1,4})/i,
    cause: 'a lock of an X server that is gone, or another X server, is in the way',
    remedy: ({ agent }) => `dcvops doctor ${agent}`,
  },
  {
    kind: 'conda',
    pattern:
      /\/(?:ana|mini)conda\d{0,2}\/[^\n]{0,200}(?:dbus|gnome|not found|fail|error)|dbus[^\n]{0,200}\/(?:ana|mini)conda\d{0,2}\//i,
    cause: 'Anaconda stands before the system’s programs in the user’s PATH, and breaks the desktop’s D-Bus',
    remedy: ({ agent }) =>
      `dcvops doctor ${agent}\nhave conda start by hand only: conda config --set auto_activate_base false`,
  },
  {
    kind: 'no-desktop',
    pattern:
      /\b(?<what>gnome-session|gnome-shell|startxfce4|xfce4-session|mate-session|startplasma-x11|startkde|cinnamon-session|x-session-manager|metacity|xterm)\b[^\n]{0,60}(?:not found|No such file)/i,
    cause: 'no desktop is installed there: $<what> is missing',
    remedy: ({ agent }) => `dcvops desktop install ${agent}`,
  },
  {
    kind: 'crash',
    pattern: /killed by signal 11(?!\d)|segmentation fault|\bsegfault\b|(?:status|code) 139\b/i,
    cause: 'a program of the desktop crashed, as some do with DCV’s GL',
    remedy: (command) => retryCommand(command, ['--gl=off']),
  },
];

/** Why a session ended at once, if its logs show one of the known causes. Pure. */
export function explainDeath(
  logs: readonly SessionLog[],
  id: string,
  command: TypedCommand,
): CreateFailure | undefined {
  const own = logs.filter(({ file }) => file.endsWith(`.${id}.log`)).map(({ text }) => text);
  const others = logs.flatMap(({ text }) => text.split('\n').filter((line) => line.includes(`'${id}'`)));
  return firstOf(DEATHS, [...own, ...others].join('\n'), command);
}

function firstOf(
  known: readonly KnownFailure[],
  text: string,
  command: TypedCommand,
): CreateFailure | undefined {
  for (const { kind, pattern, cause, remedy } of known) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const what = match.groups?.['what'] ?? '';
    return { kind, cause: cause.replace('$<what>', what).replace(' ()', ''), remedy: remedy(command) };
  }
  return undefined;
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
