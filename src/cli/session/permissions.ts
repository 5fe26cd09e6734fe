import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { DcvopsError } from '../../errors.ts';
import type { Permissions } from '../../operations/session/act.ts';
import { action } from '../context.ts';
import { SESSION_ARGUMENT, withSessions } from './session-context.ts';

interface PermissionsFlags {
  readonly file?: string;
  readonly none?: boolean;
  readonly resetBuiltin?: boolean;
}

export function registerPermissions(session: Command): void {
  session
    .command('permissions')
    .description('set who may do what in a session')
    .argument('<agent[/id]...>', SESSION_ARGUMENT)
    .option('--file <file>', 'a permissions file of this machine')
    .option('--none', 'take all permissions away')
    .option('--reset-builtin', 'back to the server’s own')
    .action(
      action(async (context, names: string[], flags: PermissionsFlags) => {
        const permissions = await wantedPermissions(flags);
        const { permitSessions } = await import('../../operations/session/act.ts');
        const permitted = await withSessions(context, names, (sessions, targets) =>
          permitSessions(sessions, targets, permissions),
        );
        if (context.json) context.printJson(permitted);
        return 0;
      }),
    );
}

/** @throws DcvopsError `usage` for none or several of the options, and for a file that is no permissions file */
async function wantedPermissions({ file, none, resetBuiltin }: PermissionsFlags): Promise<Permissions> {
  if ([file, none, resetBuiltin].filter((flag) => flag !== undefined).length !== 1) {
    throw new DcvopsError('usage', 'give one of --file FILE, --none and --reset-builtin');
  }
  if (file === undefined) return none === true ? 'none' : 'reset-builtin';
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new DcvopsError('usage', `${file} cannot be read: ${error instanceof Error ? error.message : ''}`);
  });
  const { permissionsProblem } = await import('../../dcv/session/permissions-file.ts');
  const problem = permissionsProblem(bytes);
  if (problem !== undefined) throw new DcvopsError('usage', `${file} is no permissions file: ${problem}`);
  return bytes;
}
