import type { Command } from 'commander';
import { DcvopsError } from '../errors.ts';
import { action } from './context.ts';
import { usingFleet } from './fleet.ts';

export function registerSsh(program: Command): void {
  program
    .command('ssh')
    .description('open a login on a host with the system’s ssh: dcvops ssh HOST [-- CMD]')
    .argument('<host>', 'a host by name or address')
    .addHelpText(
      'after',
      '\nWith -v, ssh itself tells what it does.\n' +
        '\nExamples:\n  dcvops ssh agent1\n  dcvops ssh agent1 -- sudo passwd ec2-user\n',
    )
    .action(
      action(async (context, pattern: string) =>
        usingFleet(
          context,
          async ({ inventory, pool }) => {
            const [{ openSsh }, { selectHosts }] = await Promise.all([
              import('../operations/open-ssh.ts'),
              import('../inventory/select.ts'),
            ]);
            const [host, ...others] = selectHosts(inventory, [pattern]);
            if (host === undefined || others.length > 0) {
              const names = [host, ...others].flatMap((each) => each?.name ?? []).join(', ');
              throw new DcvopsError('usage', `"${pattern}" means several hosts: ${names}`, {
                hint: `dcvops ssh ${host?.name ?? 'HOST'}`,
              });
            }
            return openSsh(await pool.route(host), {
              command: context.passedOn?.length === 0 ? undefined : context.passedOn,
              terminal: process.stdin.isTTY && process.stdout.isTTY,
              verbosity: context.verbosity,
              configFile: process.env['DCVOPS_SSH_CONFIG'],
            });
          },
          // Ctrl-C is for the program on the host
          { onInterrupt: 'operation' },
        ),
      ),
    );
}
