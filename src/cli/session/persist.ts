import type { Command } from 'commander';
import { type CliContext, action } from '../context.ts';
import { usingFleet } from '../fleet.ts';
import { sessionContext } from './session-context.ts';

interface PersistFlags {
  readonly dryRun?: boolean;
}

const AGENTS = 'agents by name, address, glob or @tag';

export function registerPersist(session: Command): void {
  session
    .command('persist')
    .description('have agents create their declared sessions by themselves, whenever dcvserver starts')
    .argument('<agent...>', AGENTS)
    .option('--dry-run', 'show what would be written, and change nothing')
    .action(
      action((context, patterns: string[], flags: PersistFlags) =>
        run(context, patterns, flags, 'persistSessions'),
      ),
    );
  session
    .command('unpersist')
    .description('take that away again; sessions that run go on')
    .argument('<agent...>', AGENTS)
    .option('--dry-run', 'show what would be taken away, and change nothing')
    .action(
      action((context, patterns: string[], flags: PersistFlags) =>
        run(context, patterns, flags, 'unpersistSessions'),
      ),
    );
}

async function run(
  context: CliContext,
  patterns: readonly string[],
  { dryRun = false }: PersistFlags,
  operation: 'persistSessions' | 'unpersistSessions',
): Promise<number> {
  const results = await usingFleet(context, async (fleet) => {
    const [operations, { selectHosts }] = await Promise.all([
      import('../../operations/session/persist.ts'),
      import('../../inventory/select.ts'),
    ]);
    const agents = selectHosts(fleet.inventory, patterns, 'agent');
    return operations[operation](sessionContext(context, fleet), agents, { dryRun });
  });
  if (context.json) context.printJson(results);
  return 0;
}
