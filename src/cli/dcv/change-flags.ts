import { type Command, InvalidArgumentError } from 'commander';
import type { AgentHost } from '../../inventory/types.ts';
import type { ConfigContext, ConfigOptions, ConfigResult } from '../../operations/dcv-config/change.ts';
import type { CliContext } from '../context.ts';
import { usingFleet } from '../fleet.ts';
import { whoAmI } from '../gateways.ts';
import { sessionContext } from '../session/session-context.ts';

/** The options of every command that changes dcv.conf. */
export interface ChangeFlags {
  readonly dryRun?: boolean;
  readonly restart?: boolean;
  readonly endSessions?: boolean;
  readonly lockWait: number;
}

export function addChangeFlags(command: Command): Command {
  return command
    .option('--dry-run', 'show what would change, change nothing')
    .option('--restart', 'restart dcvserver where the change needs it; that ends its sessions')
    .option('--end-sessions', 'restart also while somebody is connected')
    .option('--lock-wait <seconds>', 'how long to wait for another command', wholeNumber, 60);
}

/** Finds the agents, and lends what changing their settings works with. */
export async function changingConfigs(
  context: CliContext,
  patterns: readonly string[],
  flags: ChangeFlags,
  work: (
    context: ConfigContext,
    agents: readonly AgentHost[],
    options: ConfigOptions,
  ) => Promise<ConfigResult[]>,
): Promise<number> {
  context.finishWhoeverReads();
  await usingFleet(
    context,
    async (fleet) => {
      const { selectHosts } = await import('../../inventory/select.ts');
      const results = await work(
        { ...sessionContext(context, fleet), who: whoAmI(), signal: context.signal },
        selectHosts(fleet.inventory, patterns, 'agent'),
        {
          dryRun: flags.dryRun === true,
          restart: flags.restart === true,
          endSessions: flags.endSessions === true,
          lockWaitSeconds: flags.lockWait,
        },
      );
      if (context.json) context.printJson(results);
    },
    { onInterrupt: 'operation' },
  );
  return 0;
}

/** For commander. @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
