import { type Command, InvalidArgumentError } from 'commander';
import type { SessionTarget } from '../../dcv/session/select.ts';
import { DcvopsError, EXIT_CODE } from '../../errors.ts';
import { readDuration } from '../../inventory/duration.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { SessionLink } from '../../operations/session/link.ts';
import { type CliContext, action } from '../context.ts';
import { type Fleet, readInventory, usingFleet } from '../fleet.ts';
import { sessionFileName } from './file-name.ts';
import { SESSION_ARGUMENT, sessionContext } from './session-context.ts';

interface UrlFlags {
  readonly session?: string;
  readonly proxy?: string;
  readonly open?: boolean;
  /** true: each session has a file of its own. */
  readonly file?: string | true;
  readonly force?: boolean;
  readonly signIn?: boolean;
  readonly user?: string;
  /** In milliseconds. */
  readonly valid?: number;
  readonly reusable?: boolean;
}

const VALID = { default: '10m', shortest: '1m', longest: '24h' } as const;

export function registerUrl(session: Command): void {
  session
    .command('url')
    .description('print what people open for a session, or write it for DCV’s native client')
    .argument('[agent[/id]...]', SESSION_ARGUMENT)
    .option('--session <id>', 'look through the agents for the one that has this session')
    .option('--proxy <name>', 'through this one of several proxies; default: gateway.url, or the first one')
    .option('--open', 'open it in the browser of this machine')
    .option(
      '--file [file.dcv]',
      'write a connection file for the native client; - is stdout (default: AGENT-ID.dcv)',
    )
    .option('--force', 'replace a file that is there')
    .option(
      '--sign-in',
      'a link (or file) that signs in whoever opens it first, by a token made on the agent',
    )
    .option('--user <user>', 'whom --sign-in signs in; default: the session’s owner')
    .option(
      '--valid <time>',
      `how long the link of --sign-in can be used, ${VALID.shortest} to ${VALID.longest}; default: ${VALID.default}`,
      validity,
    )
    .option('--reusable', 'with --sign-in: works more than once, and has no end')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  dcvops session url agent1 --open\n' +
        '  dcvops session url agent1/render --file\n' +
        '  dcvops session url agent1/render --sign-in\n' +
        '  dcvops session url agent1/render --sign-in --user jane --valid 2h\n' +
        '  dcvops session url --session render\n',
    )
    .action(
      action(async (context, names: string[], flags: UrlFlags) => {
        checkFlags(context, names, flags);
        const links = await linksOf(context, names, flags);
        const shown = flags.file === undefined ? links : await saveFiles(context, links, flags);
        if (context.json) {
          const { linkAsJson } = await import('../../operations/session/link.ts');
          context.printJson(shown.map(linkAsJson));
        } else if (flags.file === undefined) await printLinks(context, links);
        return flags.open === true ? openFirst(context, links) : 0;
      }),
    );
}

/** @throws DcvopsError `usage` for what cannot work, before anybody is asked */
function checkFlags(context: CliContext, names: readonly string[], flags: UrlFlags): void {
  if (names.length === 0 && flags.session === undefined) {
    throw new DcvopsError('usage', 'whose URL? No agent and no session is named', {
      hint:
        typeof flags.file === 'string'
          ? 'the word behind --file is its name: dcvops session url AGENT[/ID] --file'
          : 'dcvops session url AGENT[/ID], or: dcvops session url --session ID',
    });
  }
  if (flags.user !== undefined && flags.signIn !== true) {
    throw new DcvopsError('usage', '--user says whom --sign-in signs in');
  }
  if (flags.valid !== undefined && flags.signIn !== true) {
    throw new DcvopsError('usage', '--valid says how long the link of --sign-in can be used');
  }
  if (flags.reusable === true && flags.signIn !== true) {
    throw new DcvopsError('usage', '--reusable is about the link of --sign-in');
  }
  if (flags.reusable === true && flags.valid !== undefined) {
    throw new DcvopsError('usage', '--reusable makes a link without an end, so --valid cannot be kept', {
      hint: 'without --reusable the link works once, and --valid says for how long',
    });
  }
  if (flags.open === true && flags.signIn === true) {
    throw new DcvopsError('usage', '--open would show the token to everybody on this machine', {
      hint: 'without --open, and paste the link into the browser',
    });
  }
  if (flags.file === '-' && context.json) {
    throw new DcvopsError('usage', 'a connection file on stdout goes without --json');
  }
}

async function linksOf(
  context: CliContext,
  names: readonly string[],
  flags: UrlFlags,
): Promise<readonly SessionLink[]> {
  if (flags.signIn !== true && flags.session === undefined) {
    // nobody is asked: the address is the same whether the session is there or not
    const [inventory, { selectSessions }] = await Promise.all([
      readInventory(context, 'left'),
      import('../../dcv/session/select.ts'),
    ]);
    return plainLinks(inventory, selectSessions(inventory, names), flags);
  }
  return usingFleet(context, async (fleet) => {
    const { selectSessions } = await import('../../dcv/session/select.ts');
    const targets =
      flags.session === undefined
        ? selectSessions(fleet.inventory, names)
        : await foundTargets(context, fleet, names, flags.session);
    const plain = await plainLinks(fleet.inventory, targets, flags);
    return flags.signIn === true ? signInLinks(context, fleet, targets, plain, flags) : plain;
  });
}

async function foundTargets(
  context: CliContext,
  fleet: Fleet,
  names: readonly string[],
  session: string,
): Promise<readonly SessionTarget[]> {
  const [{ findSession }, { selectHosts }] = await Promise.all([
    import('../../operations/session/url.ts'),
    import('../../inventory/select.ts'),
  ]);
  const agents = selectHosts(fleet.inventory, names, 'agent');
  const found = await findSession(sessionContext(context, fleet), agents, session);
  return agents.filter(({ name: one }) => one === found.agent).map((agent) => ({ agent, id: found.id }));
}

async function plainLinks(
  inventory: Inventory,
  targets: readonly SessionTarget[],
  { proxy }: UrlFlags,
): Promise<readonly SessionLink[]> {
  const [{ addressOf }, seen] = await Promise.all([
    import('../../operations/session/url.ts'),
    seenThrough(inventory, proxy),
  ]);
  return targets.map(({ agent, id }) => addressOf(seen, agent, id));
}

async function signInLinks(
  context: CliContext,
  fleet: Fleet,
  targets: readonly SessionTarget[],
  plain: readonly SessionLink[],
  flags: UrlFlags,
): Promise<readonly SessionLink[]> {
  const [{ signIn }, { checkFiles, withTokens }] = await Promise.all([
    import('../../operations/session/sign-in.ts'),
    import('../../operations/session/link.ts'),
  ]);
  const intoFile = flags.file !== undefined;
  if (intoFile) {
    // a token is made for nothing where no file can be
    await checkFiles(plain, { fileOf: placesOf(plain, flags), overwrite: flags.force === true });
  }
  const made = await signIn(sessionContext(context, fleet), targets, {
    user: flags.user,
    as: intoFile ? 'file' : 'link',
    validMs: flags.reusable === true ? undefined : (flags.valid ?? validity(VALID.default)),
  });
  return withTokens(plain, made);
}

async function saveFiles(
  context: CliContext,
  links: readonly SessionLink[],
  flags: UrlFlags,
): Promise<readonly SessionLink[]> {
  const { saveConnectionFiles } = await import('../../operations/session/link.ts');
  const { emit, print } = context;
  return saveConnectionFiles(links, {
    fileOf: placesOf(links, flags),
    overwrite: flags.force === true,
    emit,
    print,
  });
}

/** @throws DcvopsError `usage` for several sessions and one file */
function placesOf(links: readonly SessionLink[], { file }: UrlFlags): (link: SessionLink) => string {
  if (typeof file !== 'string') return ({ agent, id }) => sessionFileName(agent, id, 'dcv');
  if (links.length === 1) return () => file;
  throw new DcvopsError('usage', `${links.length} sessions do not go into one file`, {
    hint: 'with --file alone, each gets a file of its own',
  });
}

/** The one place where a link with its token is shown. */
async function printLinks(context: CliContext, links: readonly SessionLink[]): Promise<void> {
  const { openedUrl } = await import('../../operations/session/link.ts');
  for (const link of links) if (link.problem === undefined) context.print(`${openedUrl(link)}\n`);
}

async function seenThrough(inventory: Inventory, name: string | undefined): Promise<Inventory> {
  if (name === undefined) return inventory;
  const [{ throughProxy }, { selectHosts }] = await Promise.all([
    import('../../operations/session/url.ts'),
    import('../../inventory/select.ts'),
  ]);
  const [proxy] = selectHosts(inventory, [name], 'proxy');
  return proxy === undefined ? inventory : throughProxy(inventory, proxy);
}

async function openFirst(context: CliContext, [first, ...more]: readonly SessionLink[]): Promise<number> {
  const { browserCommand, openBrowser } = await import('../../operations/open-browser.ts');
  const command = browserCommand(process.platform, process.env);
  const problem =
    first === undefined || more.length > 0
      ? 'one session is opened at a time'
      : command === undefined
        ? 'there is no desktop here'
        : await openBrowser(command, first.url);
  if (problem === undefined) return 0;
  context.emit({ type: 'note', level: 'warning', message: `no browser was opened: ${problem}` });
  return EXIT_CODE.failed;
}

/** @throws InvalidArgumentError for what is none, or beyond its bounds */
function validity(text: string): number {
  const ms = readDuration(text)?.value ?? 0;
  const [shortest = 0, longest = 0] = [VALID.shortest, VALID.longest].map((end) => readDuration(end)?.value);
  if (ms >= shortest && ms <= longest) return ms;
  throw new InvalidArgumentError(
    `It must be a time such as 10m or 2h, from ${VALID.shortest} to ${VALID.longest}.`,
  );
}
