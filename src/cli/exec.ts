import type { Command } from 'commander';
import { DcvopsError } from '../errors.ts';
import { action } from './context.ts';
import { usingFleet } from './fleet.ts';

interface ExecFlags {
  readonly sudo?: boolean;
  readonly stdin?: boolean;
}

export function registerExec(program: Command): void {
  program
    .command('exec')
    .description('run a command on hosts, side by side: dcvops exec HOST… -- CMD')
    .argument('<host...>', 'hosts by name, address, glob or @tag')
    .option('--sudo', 'run it as root')
    .option('--stdin', 'give this command’s stdin to each host')
    .addHelpText(
      'after',
      '\nEach word behind -- stays one word on the host; a shell line is sh -c.\n' +
        '\nExamples:\n' +
        '  dcvops exec agent1 -- uname -r\n' +
        '  dcvops exec --sudo @gpu -- passwd --status ec2-user\n' +
        "  dcvops exec 'agent*' -- sh -c 'df -h / | tail -1'\n",
    )
    .action(
      action(
        async (context, patterns: string[], flags: ExecFlags) => {
          const argv = context.passedOn ?? [];
          if (argv.length === 0) {
            throw new DcvopsError('usage', 'there is no command to run', {
              hint: `dcvops exec ${patterns.join(' ')} -- CMD`,
            });
          }
          await usingFleet(context, async ({ inventory, connect }) => {
            const [{ execOnHosts }, { selectHosts }] = await Promise.all([
              import('../operations/exec.ts'),
              import('../inventory/select.ts'),
            ]);
            const hosts = selectHosts(inventory, patterns);
            const stdin = flags.stdin === true ? await readAll(process.stdin) : undefined;
            const { emit, concurrency } = context;
            await execOnHosts({ connect, emit, concurrency }, hosts, {
              argv,
              sudo: flags.sudo === true,
              stdin,
            });
          });
          return 0;
        },
        { json: 'events', steps: false },
      ),
    );
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
