import type { Command } from 'commander';
import type { InitFlags } from '../operations/init/answers.ts';
import { action } from './context.ts';

type Flags = InitFlags & { readonly force?: boolean };

export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write an inventory: asks, or takes everything from options')
    .option('--proxy <address>', 'the nginx host: address or host name, or NAME=ADDRESS (name: gateway)')
    .option('--ssh-port <port>', 'the proxy’s SSH port (22)')
    .option('--user <user>', 'the user to log in as, on all hosts')
    .option('--key <file>', 'private key file (else ssh-agent or ~/.ssh/config)')
    .option('--url <url>', 'what people open in the browser (https://PROXY:8443)')
    .option(
      '--agent <address>',
      'a DCV host: IP address or NAME=ADDRESS, several with commas; repeatable',
      collect,
    )
    .option('--jump', 'reach the agents through the proxy')
    .option('--no-jump', 'reach the agents directly')
    .option('--allow <network>', 'who may connect, repeatable; "any" means everyone', collect)
    .option('--self-signed', 'let the gateway create its certificate')
    .option('--force', 'replace an inventory that is there; the old one is kept beside it')
    .addHelpText(
      'after',
      '\nWithout options it asks for everything; with some, only for what has no default.\n' +
        '\nExamples:\n' +
        '  dcvops init\n' +
        '  dcvops init --proxy 10.213.66.188 --ssh-port 50000 --user ec2-user --key ~/.ssh/tom.pem \\\n' +
        '    --agent 10.150.248.180,10.150.248.136 --allow 10.213.0.0/16\n',
    )
    .action(
      action(async (context, { force, ...flags }: Flags) => {
        const [{ init }, { homedir }] = await Promise.all([
          import('../operations/init/init.ts'),
          import('node:os'),
        ]);
        const result = await init({
          file: context.inventoryFile ?? process.env['DCVOPS_INVENTORY'],
          force: force === true,
          flags,
          cwd: process.cwd(),
          home: homedir(),
          ask: context.ask,
          emit: context.emit,
        });
        if (context.json) context.printJson(result);
        else {
          const kept = result.backup === undefined ? '' : ` (the old one is ${result.backup})`;
          context.print(`Wrote ${result.file}${kept}.   ${context.style.dim('Next:')} ${result.next}\n`);
        }
        return 0;
      }),
    );
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
