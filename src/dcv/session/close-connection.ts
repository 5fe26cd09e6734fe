import { type DcvCommand, dcvCommand } from '../run-dcv.ts';

/** One argument of `dcv close-connection`: what it names, and the option it follows; undefined for a bare word. */
export interface UsageWord {
  readonly what: 'session' | 'connection';
  readonly option: string | undefined;
}

/** What an argument may be called, without brackets: `session_id`, `SESSION`, `connection-id`, `client`. */
const SESSION = /^session(?:[-_ ]?id)?$/i;
const CONNECTION = /^(?:connection|client)(?:[-_ ]?id)?$/i;

/**
 * `[OPTION…]`, `[OPTIONS]`, `[options...]`: said by every help, and no argument. GLib prints a question mark for "…" on a host
 * that has no UTF-8 locale.
 */
const ANY_OPTIONS = /^\[?options?(?:…|\.\.\.|\?)?\]?$/i;

/** A help text has a few hundred characters; a host that is not well may print anything. */
const LONGEST_HELP = 8192;

/**
 * Reads from the help text of `dcv close-connection` how it is to be called. Its arguments are not documented, so nothing is
 * assumed but their names. Pure. undefined: the text is not understood, or wants something that dcvops does not know.
 */
export function readUsage(text: string): readonly UsageWord[] | undefined {
  const help = text.slice(0, LONGEST_HELP);
  const usage = usageLine(help);
  if (usage === undefined) return undefined;
  const positional = positionalWords(usage).map(meaningOf);
  if (positional.includes(undefined)) return undefined;
  const options = valueOptions(help);
  const wordFor = (what: UsageWord['what']): UsageWord | undefined => {
    const option = options.find((name) => meaningOf(name) === what);
    if (positional.includes(what)) return { what, option: undefined };
    return option === undefined ? undefined : { what, option };
  };
  const wanted = [wordFor('session'), wordFor('connection')].filter((word) => word !== undefined);
  if (wanted.length < 2 || new Set(positional).size < positional.length) return undefined;
  const places = positional.map((what) => wanted.find((word) => word.what === what));
  return [
    ...wanted.filter(({ option }) => option !== undefined),
    ...places.filter((word) => word !== undefined),
  ];
}

/** `dcv close-connection …` for one connection, as its usage says. */
export function closeConnection(
  usage: readonly UsageWord[],
  of: { readonly session: string; readonly connection: string },
): DcvCommand {
  const options = usage.flatMap(({ what, option }) =>
    option === undefined ? [] : [`--${option}=${of[what]}`],
  );
  const bare = usage.flatMap(({ what, option }) => (option === undefined ? [of[what]] : []));
  const guard = bare.some((word) => word.startsWith('-')) ? ['--'] : [];
  return dcvCommand(['dcv', 'close-connection', ...options, ...guard, ...bare]);
}

/** What follows `close-connection` in the first usage line, without a description behind ` - `. */
function usageLine(help: string): string | undefined {
  const found = /\busage:\s*(?:\S*\/)?dcv\s+close-connection\b([^\r\n]*)/i.exec(help)?.[1];
  return found?.replace(/\s-\s.*$/, '').trim();
}

/** The words of a usage line that are neither options nor their values. */
function positionalWords(usage: string): string[] {
  const plain = usage
    // an option with its value, in brackets or not: [-s SESSION], --session=ID, [--json]
    .replaceAll(/\[\s*--?[a-z][^\]]*\]/gi, ' ')
    .replaceAll(/(?:^|\s)--?[a-z][\w-]*(?:[= ](?:<[^>]*>|[A-Z][A-Z_-]*(?=\s|$)))?/g, ' ');
  return plain
    .split(/\s+/)
    .filter((word) => word !== '' && !ANY_OPTIONS.test(word))
    .map((word) => word.replaceAll(/[<>[\]…?]|\.\.\./g, ''))
    .filter((word) => word !== '');
}

/** Long options that take a value, without their dashes. */
function valueOptions(help: string): string[] {
  return [...help.matchAll(/--([a-z][a-z-]*)(?:=| )(?=<|[A-Z])/g)].map(([, name = '']) => name);
}

function meaningOf(name: string): UsageWord['what'] | undefined {
  if (SESSION.test(name)) return 'session';
  return CONNECTION.test(name) ? 'connection' : undefined;
}
