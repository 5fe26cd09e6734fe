import { type Command, InvalidArgumentError } from 'commander';
import { DcvopsError } from '../errors.ts';
import type { ProxyHost } from '../inventory/types.ts';
import type { UsersContext } from '../operations/access/change-users.ts';
import type { ProxyUsers, UserRow } from '../operations/access/list-users.ts';
import type { UserChange } from '../operations/access/plan-users.ts';
import type { Ask } from '../report/ask.ts';
import { Secret } from '../shell/secret.ts';
import { type CliContext, action } from './context.ts';
import { usingFleet } from './fleet.ts';
import { whoAmI } from './gateways.ts';

interface ProxyFlags {
  readonly proxy?: readonly string[];
}

interface ChangeFlags extends ProxyFlags {
  readonly lockWait: number;
}

interface PasswordFlags extends ChangeFlags {
  readonly generate?: boolean;
  readonly passwordStdin?: boolean;
}

export function registerAccess(program: Command): void {
  const access = program.command('access').description('who may enter the gateway');
  const user = access.command('user').description('users of the gateway’s login (gateway.access.basic)');
  registerAdd(user);
  registerPasswd(user);
  registerRemove(user);
  registerList(user);
  registerCopy(user);
}

function onProxies(command: Command): Command {
  return command.option(
    '--proxy <proxy>',
    'name, address, glob or @tag; may be given again; default: every proxy',
    (pattern: string, before?: readonly string[]) => [...(before ?? []), pattern],
  );
}

function changing(command: Command): Command {
  return command.option('--lock-wait <seconds>', 'how long to wait for another command', seconds, 60);
}

function withPassword(command: Command): Command {
  return changing(onProxies(command))
    .argument('<name>', '1 to 64 letters, digits or any of . _ - @ +')
    .option('--generate', 'make the password up, and print it on stdout')
    .option('--password-stdin', 'read the password from stdin instead of asking');
}

function registerAdd(user: Command): void {
  withPassword(user.command('add'))
    .description('add a user; the password is asked, and leaves this machine as a hash only')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  dcvops access user add anna\n' +
        '  dcvops access user add anna --generate\n' +
        '  pass show dcv/anna | dcvops access user add anna --password-stdin\n',
    )
    .action(setPassword('add'));
}

function registerPasswd(user: Command): void {
  withPassword(user.command('passwd'))
    .description('change a user’s password; everybody logs in anew, open desktops stay')
    .action(setPassword('passwd'));
}

function setPassword(kind: 'add' | 'passwd') {
  return action(
    async (context, name: string, flags: PasswordFlags) => {
      const { checkUserName } = await import('../gateway/users.ts');
      checkUserName(name);
      const password = await passwordFor(name, flags, context.ask);
      const { hashPassword } = await import('../gateway/sha512-crypt.ts');
      const change = { kind, user: { name, hash: hashPassword(password) } };
      const done = await changeOn(context, flags.proxy ?? [], flags, change);
      // whoever had it made up needs it wherever it holds
      if (flags.generate === true && done.length > 0) printPassword(context, name, password);
      return 0;
    },
    { json: 'events', steps: false },
  );
}

function printPassword({ json, print }: CliContext, user: string, password: Secret): void {
  const text = password.reveal();
  print(json ? `${JSON.stringify({ type: 'password', user, password: text })}\n` : `${text}\n`);
}

async function passwordFor(name: string, flags: PasswordFlags, ask: Ask): Promise<Secret> {
  const { makePassword, problemOfPassword } = await import('../gateway/users.ts');
  if (flags.generate === true && flags.passwordStdin === true) {
    throw new DcvopsError('usage', '--generate and --password-stdin are two ways to the same password', {
      hint: 'give one of them',
    });
  }
  if (flags.generate === true) return makePassword();
  const password = flags.passwordStdin === true ? await passwordFromStdin() : await askTwice(name, ask);
  const problem = problemOfPassword(password);
  if (problem === undefined) return password;
  throw new DcvopsError('usage', `${problem}. Nothing changed.`, {
    hint: '--generate makes a good one up',
  });
}

async function passwordFromStdin(): Promise<Secret> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return new Secret(
    Buffer.concat(chunks)
      .toString()
      .replace(/\r?\n$/, ''),
  );
}

async function askTwice(name: string, ask: Ask): Promise<Secret> {
  const flag = '--generate or --password-stdin';
  const password = await ask.password({ text: `Password for ${name}`, flag });
  const again = await ask.password({ text: 'The same again', flag });
  if (password.reveal() === again.reveal()) return password;
  throw new DcvopsError('usage', 'the two passwords differ. Nothing changed.');
}

function registerRemove(user: Command): void {
  changing(onProxies(user.command('remove')))
    .description('remove users; everybody logs in anew, open desktops stay')
    .argument('<name...>', 'users')
    .action(
      action(
        async (context, names: string[], flags: ChangeFlags) => {
          await changeOn(context, flags.proxy ?? [], flags, { kind: 'remove', names: [...new Set(names)] });
          return 0;
        },
        { json: 'events', steps: false },
      ),
    );
}

interface CopyFlags {
  readonly from: string;
  readonly lockWait: number;
}

function registerCopy(user: Command): void {
  changing(user.command('copy'))
    .description('give proxies the users of another one, with their passwords; users they have beside stay')
    .argument('[proxy...]', 'names, addresses, globs or @tags; default: every other proxy')
    .requiredOption('--from <proxy>', 'the proxy that has them')
    .action(
      action(
        async (context, patterns: string[], flags: CopyFlags) => {
          context.finishWhoeverReads();
          await usingFleet(
            context,
            async ({ inventory, connect }) => {
              const [{ selectHosts }, { copyUsers }] = await Promise.all([
                import('../inventory/select.ts'),
                import('../operations/access/copy-users.ts'),
              ]);
              const [from, ...more] = selectHosts(inventory, [flags.from], 'proxy');
              if (from === undefined || more.length > 0) {
                throw new DcvopsError('usage', `--from ${flags.from} means several proxies`, {
                  hint: 'name one',
                });
              }
              const others = selectHosts(inventory, patterns, 'proxy').filter(
                ({ name }) => name !== from.name,
              );
              await copyUsers(usersContext(context, inventory, connect), from, others, {
                lockWaitSeconds: flags.lockWait,
              });
            },
            { onInterrupt: 'operation' },
          );
          return 0;
        },
        { json: 'events', steps: false },
      ),
    );
}

/** Changes the users of the chosen proxies; the names of those on which it is done. */
async function changeOn(
  context: CliContext,
  patterns: readonly string[],
  { lockWait }: ChangeFlags,
  change: UserChange,
): Promise<string[]> {
  context.finishWhoeverReads();
  return usingFleet(
    context,
    async ({ inventory, connect }) => {
      const [{ changeUsers }, { selectHosts }] = await Promise.all([
        import('../operations/access/change-users.ts'),
        import('../inventory/select.ts'),
      ]);
      const proxies: ProxyHost[] = selectHosts(inventory, patterns, 'proxy');
      return changeUsers(usersContext(context, inventory, connect), proxies, change, {
        lockWaitSeconds: lockWait,
      });
    },
    { onInterrupt: 'operation' },
  );
}

function usersContext(
  { emit, signal, concurrency }: CliContext,
  inventory: UsersContext['inventory'],
  connect: UsersContext['connect'],
): UsersContext {
  return { inventory, connect, emit, signal, concurrency, who: whoAmI() };
}

function registerList(user: Command): void {
  onProxies(user.command('list'))
    .description('show who is known on which proxy, and how the passwords are kept')
    .action(
      action(async (context, flags: ProxyFlags) => {
        const lists = await usingFleet(context, async ({ inventory, connect }) => {
          const [{ listUsers }, { selectHosts }] = await Promise.all([
            import('../operations/access/list-users.ts'),
            import('../inventory/select.ts'),
          ]);
          const { emit, concurrency } = context;
          return listUsers(
            { connect, emit, concurrency },
            selectHosts(inventory, flags.proxy ?? [], 'proxy'),
          );
        });
        if (context.json) context.printJson(lists);
        else await printUsers(context, lists);
        return 0;
      }),
    );
}

async function printUsers(context: CliContext, lists: readonly ProxyUsers[]): Promise<void> {
  const [{ formatTable }, { userRows, userAdvice }] = await Promise.all([
    import('../report/table.ts'),
    import('../operations/access/list-users.ts'),
  ]);
  const rows = userRows(lists);
  if (rows.length > 0) {
    const proxies = lists.map(({ proxy }, index) => ({
      heading: proxy,
      cell: ({ cells }: UserRow) => cells[index] ?? '',
    }));
    context.print(
      formatTable(
        [{ heading: 'USER', cell: ({ name }: UserRow) => name, style: context.style.bold }, ...proxies],
        rows,
      ),
    );
  } else if (lists.some(({ users }) => users !== undefined)) {
    context.print('No users.\n');
  }
  for (const advice of userAdvice(lists)) context.emit({ type: 'note', level: 'warning', ...advice });
}

function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
