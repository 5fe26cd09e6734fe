import type { Command } from 'commander';
import { DcvopsError } from '../../errors.ts';

/**
 * All options of a sub-command of `dcvops logs`. Where `logs` has one of the same name, commander gives it what was typed,
 * also behind the sub-command (its positional options would end that for the global options, too).
 * @param given what commander gave the sub-command
 * @throws DcvopsError `usage` for an option of `logs` that the sub-command does not have
 */
export function allOptions<Options extends object>(command: Command, given: Options): Options {
  const { parent } = command;
  const own = new Set(command.options.map((option) => option.attributeName()));
  const typed = (parent?.options ?? []).filter(
    (option) => parent?.getOptionValueSource(option.attributeName()) === 'cli',
  );
  for (const option of typed) {
    if (!own.has(option.attributeName())) throw unknownOption(command, option.long ?? option.flags);
  }
  const values = typed.map((option): [string, unknown] => {
    const name = option.attributeName();
    return [name, parent?.getOptionValue(name)];
  });
  return { ...given, ...Object.fromEntries(values) };
}

function unknownOption(command: Command, option: string): DcvopsError {
  return new DcvopsError('usage', `unknown option '${option}'`, {
    hint: `dcvops logs ${command.name()} --help`,
  });
}
