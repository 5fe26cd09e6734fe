import { type Command, Option } from 'commander';
import { FLAVORS, type FlavorName } from '../doctor/desktop/flavors.ts';
import type { SurveyContext } from '../operations/doctor/survey.ts';
import { type CliContext, action } from './context.ts';
import { type Fleet, usingFleet } from './fleet.ts';
import { whoAmI } from './gateways.ts';

export function registerDesktop(program: Command): void {
  const desktop = program.command('desktop').description('what desktops need on agents, and installing it');
  registerStatus(desktop);
  registerInstall(desktop);
}

function registerStatus(desktop: Command): void {
  desktop
    .command('status')
    .description('what a desktop needs there, and what is there')
    .argument('[agent...]', 'agents by name, address, glob or @tag; default: all')
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing is missing, 1 something is\n' +
        '\nExamples:\n' +
        '  dcvops desktop status agent1\n' +
        '  dcvops desktop status @gpu --json\n',
    )
    .action(
      action((context, patterns: string[]) =>
        usingFleet(context, async (fleet) => {
          const [{ desktopStatus, lacksSomething }, { withSpinner }] = await Promise.all([
            import('../operations/desktop/status.ts'),
            import('../report/spinner.ts'),
          ]);
          const agents = await selectAgents(fleet, patterns);
          const all = await withSpinner('reading the agents', context.showsProgress, () =>
            desktopStatus({ ...surveyContext(context, fleet), emit: context.emit }, agents),
          );
          if (context.json) context.printJson(all);
          else {
            const { formatDesktopReport } = await import('../doctor/desktop/format.ts');
            const reports = all.flatMap((one) => ('needs' in one ? [one] : []));
            context.print(reports.map((one) => formatDesktopReport(one, context.style)).join('\n'));
          }
          return all.some(lacksSomething) ? 1 : 0;
        }),
      ),
    );
}

interface InstallFlags {
  readonly flavor?: FlavorName;
  readonly dryRun?: boolean;
  readonly endSessions?: boolean;
}

function registerInstall(desktop: Command): void {
  desktop
    .command('install')
    .description('install a desktop: shows the plan, asks, and follows it')
    .argument('<agent...>', 'agents by name, address, glob or @tag')
    .addOption(
      new Option('--flavor <name>', 'which desktop; default: the usual one of the distribution').choices(
        FLAVORS,
      ),
    )
    .option('--dry-run', 'show the plan, change nothing')
    .option('--end-sessions', 'also where a console session ends with a restart of the display manager')
    .addHelpText(
      'after',
      '\nIt runs on the host in dcvops-desktop-install.service, and goes on there when the connection is lost or\n' +
        'you press Ctrl-C; the same command follows it again. Its output is in /var/log/dcvops/desktop-install.log.\n' +
        'Ubuntu 22.04 and 24.04: ubuntu-minimal, ubuntu, xfce, openbox. Debian 12: xfce, openbox. On others the plan\n' +
        'is printed and not run.\n' +
        '\nExamples:\n' +
        '  dcvops desktop install agent1\n' +
        '  dcvops desktop install @render --flavor xfce --yes\n',
    )
    .action(
      action(
        async (context, patterns: string[], flags: InstallFlags) => {
          context.finishWhoeverReads();
          await usingFleet(
            context,
            async (fleet) => {
              const { installDesktops } = await import('../operations/desktop/install.ts');
              const { emit, ask, signal } = context;
              await installDesktops(
                {
                  ...surveyContext(context, fleet),
                  connect: fleet.connect,
                  emit,
                  confirm: (question) => ask.confirm(question),
                  signal,
                  who: whoAmI(),
                },
                await selectAgents(fleet, patterns),
                {
                  flavor: flags.flavor,
                  dryRun: flags.dryRun === true,
                  endSessions: flags.endSessions === true,
                },
              );
            },
            { onInterrupt: 'operation' },
          );
          return 0;
        },
        { json: 'events', steps: true },
      ),
    );
}

async function selectAgents(
  { inventory }: Fleet,
  patterns: readonly string[],
): Promise<Fleet['inventory']['agents'][number][]> {
  const { selectHosts } = await import('../inventory/select.ts');
  return selectHosts(inventory, patterns, 'agent');
}

function surveyContext(context: CliContext, { inventory, pool }: Fleet): SurveyContext {
  return {
    inventory,
    pool,
    concurrency: context.concurrency,
    env: process.env,
    factsTimeoutMs: context.commandTimeoutMs,
    // no way is gone, so no certificate is looked at
    roots: [],
  };
}
