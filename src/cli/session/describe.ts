import type { Command } from 'commander';
import type { SessionDetails } from '../../operations/session/describe.ts';
import type { SessionResult } from '../../operations/session/targets.ts';
import { type CliContext, action } from '../context.ts';
import { SESSION_ARGUMENT, withSessions } from './session-context.ts';

export function registerDescribe(session: Command): void {
  session
    .command('describe')
    .description('everything that DCV tells of a session')
    .argument('<agent[/id]...>', SESSION_ARGUMENT)
    .action(
      action(async (context, names: string[]) => {
        const { describeSessions } = await import('../../operations/session/describe.ts');
        const described = await withSessions(context, names, describeSessions);
        if (context.json) context.printJson(described);
        else await printDetails(context, described);
        return 0;
      }),
    );
}

async function printDetails(
  context: CliContext,
  all: readonly (SessionResult & Partial<SessionDetails>)[],
): Promise<void> {
  const { formatSessionDetails } = await import('./format-details.ts');
  const texts = all.flatMap(({ agent, session, url, viewers }) =>
    session === undefined
      ? []
      : [formatSessionDetails(agent, { session, url: url ?? '', viewers }, context.style)],
  );
  context.print(texts.join('\n'));
}
