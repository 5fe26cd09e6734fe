import type { Command } from 'commander';
import { action } from '../context.ts';
import { type ChangeFlags, addChangeFlags, changingConfigs, wholeNumber } from './change-flags.ts';

export function registerHarden(dcv: Command): void {
  addChangeFlags(
    dcv
      .command('harden')
      .description('a login, this gateway’s names and pages only, an end for idle viewers')
      .argument('<agent...>', 'agents by name, address, glob or @tag')
      .option('--idle-timeout <minutes>', 'for agents on which none is set (default: 60)', wholeNumber),
  )
    .addHelpText(
      'after',
      '\nWhat would change is shown first. Settings that are strict already stay as they are.\n' +
        '\nExamples:\n  dcvops dcv harden agent1 --dry-run\n  dcvops dcv harden @gpu --restart\n',
    )
    .action(
      action(
        async (
          context,
          patterns: string[],
          flags: ChangeFlags & {
            readonly idleTimeout?: number;
          },
        ) =>
          changingConfigs(context, patterns, flags, async (config, agents, options) => {
            const { hardenAgents } = await import('../../operations/dcv-config/harden.ts');
            return hardenAgents(config, agents, { ...options, idleMinutes: flags.idleTimeout });
          }),
      ),
    );
}
