/**
 * Host names as the inventory allows them: they stand in URLs (`/agent1/`), in nginx's configuration, in shell
 * commands and in tables. No dots, so that no name can be taken for an address or a domain; a letter first, so that
 * none is a number or an option.
 */
export const NAME_PATTERN = /^[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Tags follow an `@` on the command line and nowhere else, so versions (`22.04`) are fine. */
export const TAG_PATTERN = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/**
 * Session ids stand in shell commands, file names on the agent, `AGENT/ID` and the URL's fragment. DCV documents no
 * pattern of its own.
 */
export const SESSION_ID_PATTERN = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;

/** Linux accounts, and those of a directory: `CORP\\jane`, `jane@corp.example`, `jane.doe`. */
export const USER_PATTERN = /^[A-Za-z0-9_](?:[A-Za-z0-9._@\\+-]{0,253}[A-Za-z0-9_$])?$/;

/** In characters, as many as DCV takes (Administrator Guide, `create-session --name`). */
export const LONGEST_SESSION_NAME = 256;

/** One line of text. */
export const SESSION_NAME_PATTERN = new RegExp(`^[^\\p{Cc}]{1,${LONGEST_SESSION_NAME}}$`, 'u');

/** DCV takes an absolute path, or one in the home of the session's user. */
export const STORAGE_ROOT_PATTERN = /^(?:\/|%home%)[^\u0000-\u001f\u007f-\u009f]*$/;

/** Every word that `dcvops` knows as a command or sub-command: `dcvops session list` must not look like a host. */
const COMMAND_WORDS = [
  ...[
    'init',
    'trust',
    'inventory',
    'render',
    'deploy',
    'rollback',
    'releases',
    'check',
    'session',
    'service',
  ],
  ...['desktop', 'dcv', 'logs', 'doctor', 'retire', 'status', 'agent', 'health', 'access', 'exec', 'ssh'],
  ...['audit', 'completion', 'help'],
  ...['validate', 'show', 'schema', 'import'],
  ...[
    'create',
    'list',
    'describe',
    'close',
    'url',
    'restore',
    'rename',
    'permissions',
    'layout',
    'screenshot',
  ],
  ...['connections', 'kick', 'persist', 'unpersist', 'idle'],
  ...[
    'start',
    'stop',
    'restart',
    'enable',
    'disable',
    'install',
    'config',
    'get',
    'set',
    'unset',
    'diff',
    'harden',
  ],
  ...['summary', 'watch', 'bundle', 'broker', 'connection-gateway', 'resolver'],
  ...['add', 'remove', 'drain', 'resume', 'maintenance', 'pin', 'apply', 'user', 'passwd', 'copy', 'unset'],
];

/** First path segments that belong to the gateway or to DCV's web client, which the default agent serves. */
export const URL_WORDS: readonly string[] = [
  'health',
  'portal',
  'auth',
  'ws',
  'version',
  'resource',
  'css',
  'js',
];

/** Words that mean something where a host's name may stand. */
const SPECIAL_WORDS = ['all', 'any', 'none', 'default', 'localhost', 'proxies', 'agents'];

/** No host may have one of these names, in any case of letters. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...COMMAND_WORDS,
  ...URL_WORDS,
  ...SPECIAL_WORDS,
]);

/** What forbids a name, or undefined when it can be used. */
export function nameProblem(name: string): string | undefined {
  if (RESERVED_NAMES.has(name.toLowerCase())) {
    return `another name ("${name}" is a word of dcvops; "${name}1" would do)`;
  }
  if (!NAME_PATTERN.test(name)) {
    return 'a name of letters, digits and dashes (no dots: it stands in URLs), a letter first, 63 at most';
  }
  return undefined;
}
