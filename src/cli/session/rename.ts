import type { Command } from 'commander';
import { DcvopsError } from '../../errors.ts';
import { LONGEST_SESSION_NAME } from '../../inventory/names.ts';
import { action } from '../context.ts';
import { ONE_SESSION_ARGUMENT, withSessions } from './session-context.ts';

export function registerRename(session: Command): void {
  session
    .command('rename')
    .description('give a session another title; its id stays')
    .argument('<agent[/id]>', ONE_SESSION_ARGUMENT)
    .argument('[name]', `the title, up to ${LONGEST_SESSION_NAME} characters`)
    .option('--none', 'take the title away')
    .action(
      action(
        async (context, target: string, typed: string | undefined, flags: { readonly none?: boolean }) => {
          const name = await wantedName(typed, flags.none === true);
          const { renameSessions } = await import('../../operations/session/act.ts');
          const renamed = await withSessions(context, [target], (sessions, targets) =>
            renameSessions(sessions, targets, name),
          );
          if (context.json) context.printJson(renamed);
          return 0;
        },
      ),
    );
}

/** @throws DcvopsError `usage` for a name that DCV would refuse */
async function wantedName(name: string | undefined, none: boolean): Promise<string | undefined> {
  if ((name === undefined) !== none) {
    throw new DcvopsError('usage', 'give the session’s new name, or --none to take it away');
  }
  if (name === undefined) return undefined;
  if (name.trim() === '') throw new DcvopsError('usage', 'a name cannot be empty; --none takes it away');
  const { checkSessionTitle } = await import('../../dcv/session/id.ts');
  checkSessionTitle(name);
  return name;
}
