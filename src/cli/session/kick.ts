import type { Command } from 'commander';
import { DcvopsError } from '../../errors.ts';
import type { Kicked } from '../../operations/session/kick.ts';
import { action } from '../context.ts';
import { ONE_SESSION_ARGUMENT, withSessions } from './session-context.ts';

interface KickFlags {
  readonly user?: string;
  readonly all?: boolean;
}

export function registerKick(session: Command): void {
  session
    .command('kick')
    .description('disconnect people from a session; the desktop goes on')
    .argument('<agent[/id]>', ONE_SESSION_ARGUMENT)
    .argument('[connection...]', 'connections by their ids: dcvops session connections')
    .option('--user <user>', 'every connection of this user')
    .option('--all', 'every connection')
    .action(
      action(async (context, target: string, ids: string[], flags: KickFlags) => {
        const who = wanted(ids, flags);
        const { kickConnections } = await import('../../operations/session/kick.ts');
        const kicked = await withSessions(context, [target], (sessions, targets) =>
          kickConnections(sessions, targets, who),
        );
        if (context.json) context.printJson(kicked);
        return 0;
      }),
    );
}

/** @throws DcvopsError `usage` for none or several of the three ways to say who is meant */
function wanted(ids: readonly string[], { user, all }: KickFlags): Kicked {
  const ways: Kicked[] = [
    ...(ids.length === 0 ? [] : [{ ids }]),
    ...(user === undefined ? [] : [{ user }]),
    ...(all === true ? (['all'] as const) : []),
  ];
  const [way, ...more] = ways;
  if (way !== undefined && more.length === 0) return way;
  throw new DcvopsError('usage', 'say who is to go: connections by their ids, --user USER, or --all', {
    hint: 'dcvops session connections',
  });
}
