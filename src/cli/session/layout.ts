import type { Command } from 'commander';
import { action } from '../context.ts';
import { ONE_SESSION_ARGUMENT, withSessions } from './session-context.ts';

export function registerLayout(session: Command): void {
  session
    .command('layout')
    .description('set the screens of a session')
    .argument('<agent[/id]>', ONE_SESSION_ARGUMENT)
    .argument('<layout>', 'WIDTHxHEIGHT+X+Y for each screen, with commas: 1920x1080+0+0,1920x1080+1920+0')
    .action(
      action(async (context, target: string, text: string) => {
        const [{ parseLayout }, { layOutSessions }] = await Promise.all([
          import('../../dcv/session/display-layout.ts'),
          import('../../operations/session/act.ts'),
        ]);
        const heads = parseLayout(text);
        const laidOut = await withSessions(context, [target], (sessions, targets) =>
          layOutSessions(sessions, targets, heads),
        );
        if (context.json) context.printJson(laidOut);
        return 0;
      }),
    );
}
