import { type Command, InvalidArgumentError } from 'commander';
import type { Proposal } from '../operations/trust.ts';
import { type CliContext, action } from './context.ts';
import { usingFleet } from './fleet.ts';

interface TrustFlags {
  readonly replace?: boolean;
  readonly fingerprint?: readonly string[];
}

export function registerTrust(program: Command): void {
  program
    .command('trust')
    .description('show the hosts’ SSH keys and, after a yes, write them to known_hosts')
    .argument('[host...]', 'hosts by name, address, glob or @tag; default: all')
    .option('--replace', 'also put keys in the place of others that are known')
    .option(
      '--fingerprint <SHA256:…>',
      'trust the key with this fingerprint without a question, and no other (may be repeated)',
      collectFingerprints,
    )
    .addHelpText(
      'after',
      '\nThe fingerprints to compare with, on the host’s console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n' +
        '\nExamples:\n  dcvops trust\n  dcvops trust agent1 --replace\n',
    )
    .action(
      action(
        async (context, patterns: string[], flags: TrustFlags) => {
          await usingFleet(context, async ({ inventory, pool }) => {
            const [{ trustHosts }, { selectHosts }] = await Promise.all([
              import('../operations/trust.ts'),
              import('../inventory/select.ts'),
            ]);
            await trustHosts(
              {
                route: (host) => pool.route(host),
                hostKeys: (route) => pool.hostKeys(route),
                emit: context.emit,
                concurrency: context.concurrency,
                confirm: (proposals) => confirmKeys(context, proposals),
              },
              selectHosts(inventory, patterns),
              { replace: flags.replace === true, fingerprints: flags.fingerprint ?? [] },
            );
          });
          return 0;
        },
        { json: 'events', steps: false },
      ),
    );
}

async function confirmKeys(context: CliContext, proposals: readonly Proposal[]): Promise<boolean> {
  const { formatTable } = await import('../report/table.ts');
  const rows = proposals.flatMap(({ host, address, keys, replaces }) => [
    ...replaces.map((key) => ({ host, address, ...key, known: 'known now' })),
    ...keys.map((key) => ({ host, address, ...key, known: replaces.length > 0 ? 'shown' : '' })),
  ]);
  if (!context.json) {
    context.print(
      formatTable(
        [
          { heading: 'HOST', cell: (row) => row.host },
          { heading: 'ADDRESS', cell: (row) => row.address },
          { heading: 'TYPE', cell: (row) => row.type },
          { heading: 'FINGERPRINT', cell: (row) => row.fingerprint },
          { heading: '', cell: (row) => row.known },
        ],
        rows,
      ),
    );
  }
  const hosts =
    proposals.length === 1
      ? `the key of ${proposals[0]?.host ?? ''}`
      : `these keys of ${proposals.length} hosts`;
  const replaced = proposals.filter(({ replaces }) => replaces.length > 0).length;
  return context.ask.confirm({
    text: `Trust ${hosts}${replaced === 0 ? '' : `, ${replaced} of them in the place of others`}?`,
    flag: '--fingerprint SHA256:… (known from elsewhere; --yes does not answer this)',
    neverByYes: true,
  });
}

function collectFingerprints(text: string, before: readonly string[] | undefined): readonly string[] {
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text)) return [...(before ?? []), text];
  throw new InvalidArgumentError('It must look like SHA256: and 43 letters, as ssh-keygen -lf prints it.');
}
