/** Longer ones are not tried: what they cost could not be foreseen. */
const MAX_PATTERN = 200;
const MAX_TEXT = 300;
/** With this many repetitions a pattern that does not match costs milliseconds at worst. */
const MAX_REPETITIONS = 4;

/**
 * Does a regular expression of dcv.conf find something in a text? undefined: it is written in a way that JavaScript may
 * understand otherwise than DCV does, is invalid, or could take too long. Pure; quick for any input.
 */
export function patternMatches(written: string, text: string): boolean | undefined {
  if (written.length > MAX_PATTERN || text.length > MAX_TEXT) return undefined;
  // in a quoted value of dcv.conf a backslash may be doubled; no host name holds one
  const pattern = written.replaceAll('\\\\', '\\');
  if (FOREIGN.test(pattern) || REPEATED_GROUP.test(pattern)) return undefined;
  if ((pattern.match(/[*+{]/g) ?? []).length > MAX_REPETITIONS) return undefined;
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return undefined;
  }
}

/** Flags, look-arounds and named groups; POSIX classes; possessive repetitions; escapes other than \d \w \s and of signs. */
const FOREIGN = /\(\?(?!:)|\[\[:|[*+?}]\+|\\(?![dwsDWS]|[^A-Za-z0-9])/;

/** A repeated group may make the time grow exponentially. */
const REPEATED_GROUP = /\)[*+{]/;
