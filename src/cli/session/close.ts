import type { Command } from 'commander';
import { action } from '../context.ts';
import { SESSION_ARGUMENT, withSessions } from './session-context.ts';

export function registerClose(session: Command): void {
  session
    .command('close')
    .description('close sessions: their desktops end')
    .argument('<agent[/id]...>', SESSION_ARGUMENT)
    .option('--end-sessions', 'also while somebody is connected')
    .addHelpText('after', '\nExamples:\n  dcvops session close agent1\n  dcvops session close @gpu/render\n')
    .action(
      action(async (context, names: string[], flags: { readonly endSessions?: boolean }) => {
        const { closeSessions } = await import('../../operations/session/close.ts');
        const closed = await withSessions(context, names, (sessions, targets) =>
          closeSessions(sessions, targets, { endSessions: flags.endSessions === true }),
        );
        if (context.json) context.printJson(closed);
        return 0;
      }),
    );
}
