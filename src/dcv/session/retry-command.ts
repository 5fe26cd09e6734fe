import { quote } from '../../shell/shell.ts';

/** The `session create` that was typed, as far as it concerns one agent. */
export interface TypedCommand {
  /** The agent's name. */
  readonly agent: string;
  /** The id, when it is not the inventory's default. */
  readonly id: string | undefined;
  /** Options that were typed, in their long form: `--owner=jane`. */
  readonly options: readonly string[];
}

/** The same command with more options, to be shown as the next one to type. */
export function retryCommand(command: TypedCommand, more: readonly string[]): string {
  const session = command.id === undefined ? command.agent : `${command.agent}/${command.id}`;
  const options = [...command.options, ...more.filter((option) => !command.options.includes(option))];
  return ['dcvops', 'session', 'create', session, ...options].map(quote).join(' ');
}
