import { quote, words } from '../../shell/shell.ts';
import type { DcvSession } from '../types.ts';
import type { Warning } from './decide.ts';
import { type TypedCommand, retryCommand } from './retry-command.ts';

/** What a session gets when it is created. But for the name, DCV does not tell with what one was. */
const AT_CREATION = [
  'name',
  'permissions-file',
  'storage-root',
  'gl',
  'max-concurrent-clients',
  'init',
  'disable-login-monitor',
];

interface TypedOption {
  readonly name: string;
  readonly value: string;
}

/** What to say of the typed options that a session which is there already does not get. Pure. */
export function notApplied(session: DcvSession, command: TypedCommand): Warning | undefined {
  const options = command.options
    .map(asOption)
    .filter(({ name, value }) => AT_CREATION.includes(name) && !(name === 'name' && value === session.name));
  if (options.length === 0) return undefined;
  const names = options.map(({ name }) => `--${name}`).join(', ');
  return {
    message: `"${session.id}" was there already and is left as it is; not applied: ${names}.`,
    hint: howToApply(session.id, options, command),
  };
}

function asOption(typed: string): TypedOption {
  const { name = '', value = '' } = /^--(?<name>[^=]*)(?:=(?<value>.*))?$/s.exec(typed)?.groups ?? {};
  return { name, value };
}

/** A session that is there takes another name and other permissions; all else takes a new session. */
function howToApply(id: string, options: readonly TypedOption[], command: TypedCommand): string {
  const session = `${command.agent}/${id}`;
  const commands = options.map(({ name, value }) => {
    if (name === 'name') return words(['dcvops', 'session', 'rename', session, value]).toString();
    if (name === 'permissions-file' && !value.startsWith('agent:')) {
      return words(['dcvops', 'session', 'permissions', session, '--file', value]).toString();
    }
    return undefined;
  });
  if (commands.every((one) => one !== undefined)) return commands.join('\n');
  return `dcvops session close ${quote(session)}   (ends that desktop)\n${retryCommand(command, [])}`;
}
