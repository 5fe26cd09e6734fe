import type { Command } from 'commander';
import { action } from '../context.ts';
import { usingFleet } from '../fleet.ts';
import { sessionContext } from './session-context.ts';

interface RestoreFlags {
  readonly dryRun?: boolean;
  readonly startService?: boolean;
}

export function registerRestore(session: Command): void {
  session
    .command('restore')
    .description('create the sessions that the inventory declares, where they are missing')
    .argument('[agent...]', 'agents by name, address, glob or @tag; default: all')
    .option('--dry-run', 'tell what is missing, and create nothing')
    .option('--start-service', 'start dcvserver where it is stopped')
    .action(
      action(async (context, patterns: string[], flags: RestoreFlags) => {
        const restored = await usingFleet(context, async (fleet) => {
          const [{ restoreSessions }, { selectHosts }] = await Promise.all([
            import('../../operations/session/restore.ts'),
            import('../../inventory/select.ts'),
          ]);
          const agents = selectHosts(fleet.inventory, patterns, 'agent');
          return restoreSessions(sessionContext(context, fleet), agents, {
            dryRun: flags.dryRun === true,
            startService: flags.startService === true,
          });
        });
        if (context.json) context.printJson(restored);
        return 0;
      }),
    );
}
