import { type Command, InvalidArgumentError, Option } from 'commander';
import { DcvopsError } from '../errors.ts';
import type { HealthEvent } from '../operations/health/types.ts';
import { formatDuration } from '../report/quantity.ts';
import { type CliContext, action } from './context.ts';
import { usingGateways } from './gateways.ts';

interface ApplyFlags {
  readonly watch?: boolean;
  readonly interval?: number;
  readonly downAfter: number;
  readonly upAfter: number;
  readonly needsSession?: boolean;
  readonly now?: boolean;
  readonly dryRun?: boolean;
}

const DEFAULT_SECONDS = 10;

export function registerHealth(program: Command): void {
  const health = program.command('health').description('agents that are dead: taken out, and put back');
  health
    .command('apply')
    .description('ask the agents from the proxies; mark dead ones down, put those back that answer')
    .argument('[proxy...]', 'proxies by name, address, glob or @tag; default: all')
    .option('-w, --watch', 'ask again and again, until Ctrl-C')
    .option('--interval <seconds>', `between two rounds of --watch (default ${DEFAULT_SECONDS})`, interval)
    .addOption(
      new Option('--down-after <n>', 'failures in a row that mark an agent down').default(3).argParser(count),
    )
    .addOption(
      new Option('--up-after <n>', 'good answers in a row that put it back').default(2).argParser(count),
    )
    .option('--needs-session', 'an agent without a session counts as dead (asks by the agents’ SSH)')
    .option('--now', 'change a pool at once, also within five minutes of the last reload')
    .addOption(new Option('--dry-run', 'say what would be marked, change nothing').conflicts('watch'))
    .addHelpText(
      'after',
      '\nA good answer is one of DCV itself to /version, over TCP and TLS, as the proxy reaches the agent.\n' +
        'A redirect and the portal follow at once. A pool follows by a reload of nginx, as safe as a deploy;\n' +
        'reloads are at least five minutes apart, and until then nginx passes a dead agent by on its own.\n' +
        'Agents in maintenance or draining are not asked, and the last agent is never marked.\n' +
        '\nExamples:\n' +
        '  dcvops health apply\n' +
        '  dcvops health apply --dry-run\n' +
        '  dcvops health apply --watch --interval 5 --down-after 2\n' +
        '  dcvops health apply --watch --json | jq -c .\n',
    )
    .action(
      action((context, patterns: string[], flags: ApplyFlags) => apply(context, patterns, flags), {
        json: 'events',
        steps: false,
      }),
    );
}

async function apply(
  context: CliContext,
  patterns: readonly string[],
  flags: ApplyFlags,
): Promise<undefined> {
  if (flags.interval !== undefined && flags.watch !== true) {
    throw new DcvopsError('usage', '--interval is for --watch');
  }
  await usingGateways(context, patterns, async (gateways, proxies) => {
    const tell = createTell(context, flags.watch === true);
    const health = { ...gateways, concurrency: context.concurrency, tell };
    const options = {
      downAfter: flags.downAfter,
      upAfter: flags.upAfter,
      needsSession: flags.needsSession === true,
      dryRun: flags.dryRun === true,
      now: flags.now === true,
    };
    if (flags.watch !== true) {
      const { applyHealth } = await import('../operations/health/apply-health.ts');
      await applyHealth(health, proxies, options);
      return;
    }
    const { watchHealth } = await import('../operations/health/watch-health.ts');
    const names = proxies.map(({ name }) => name).join(', ');
    const message = `asking the agents from ${names}; Ctrl-C ends`;
    if (process.stderr.isTTY) context.emit({ type: 'note', level: 'info', message });
    await watchHealth(health, proxies, 1000 * (flags.interval ?? DEFAULT_SECONDS), options);
  });
  return undefined;
}

/** Tells one event a line: of a watch with its time. */
function createTell(context: CliContext, withTime: boolean): (event: HealthEvent) => void {
  return (event) => {
    const at = new Date();
    context.print(
      context.json
        ? `${JSON.stringify({ time: at.toISOString(), ...event })}\n`
        : `${withTime ? `${at.toTimeString().slice(0, 8)} ` : ''}${formatHealthEvent(event)}\n`,
    );
  };
}

/** One line for people. Pure. */
export function formatHealthEvent(event: HealthEvent): string {
  if (event.type === 'pool') {
    return event.state === 'changed'
      ? `${event.host}: the pool follows (nginx reloaded)`
      : `${event.host}: the pool follows with the next reload, in ${formatDuration(event.waitSeconds * 1000)}`;
  }
  const agent = `${event.host}: ${event.agent} (${event.address})`;
  switch (event.state) {
    case 'up':
      return `${agent} answers again: ${event.reason}`;
    case 'down':
      return `${agent} is down: ${event.reason}`;
    case 'spared':
      return `${agent} is down: ${event.reason}; not marked, since no agent would be left`;
  }
}

function interval(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 1 && value <= 3600) return value;
  throw new InvalidArgumentError('It must be a number of seconds from 1 to 3600.');
}

function count(text: string): number {
  if (/^[1-9][0-9]?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 99.');
}
