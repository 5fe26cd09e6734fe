/** Longer ones are not tried. */
const MAX_PATTERN = 10_000;
const MAX_TEXT = 300;
const MAX_DEPTH = 20;
/** What a pattern may cost, in looks at a place in the text: some hundredths of a second. */
const MAX_STEPS = 200_000;

/**
 * Does a regular expression of dcv.conf find something in a text? Letters match in both cases, as the Administrator Guide has
 * it. undefined: it is written in a way that JavaScript may understand otherwise than DCV does, is invalid, or would take too
 * long. Pure; quick for any input, as no way is tried twice.
 */
export function patternMatches(written: string, text: string): boolean | undefined {
  if (written.length > MAX_PATTERN || text.length > MAX_TEXT) return undefined;
  // in a quoted value of dcv.conf a backslash may be doubled; no host name holds one
  const pattern = written.replaceAll('\\\\', '\\');
  if (FOREIGN.test(pattern)) return undefined;
  try {
    // it is compiled to learn that it is valid, and never run
    new RegExp(pattern);
    const anywhere = new Set(Array.from({ length: text.length + 1 }, (_, at) => at));
    return readChoice({ pattern, at: 0, depth: 0, text, steps: MAX_STEPS })(anywhere).size > 0;
  } catch {
    return undefined;
  }
}

/** Flags, look-arounds and named groups; POSIX classes; possessive repetitions; `{,9}`; escapes other than \d \w \s and of signs. */
const FOREIGN = /\(\?(?!:)|\[\[:|[*+?}]\+|\{,|\\(?![dwsDWS]|[^A-Za-z0-9])/;

/** A pattern that is read, and what it is tried on. */
interface Reader {
  readonly pattern: string;
  at: number;
  /** Of groups around what is read. */
  depth: number;
  readonly text: string;
  /** What is left to spend. */
  steps: number;
}

type Places = ReadonlySet<number>;

/** Where a part of the pattern may end in the text, of where it may begin. */
type Part = (from: Places) => Places;

/** `a|b` */
function readChoice(reader: Reader): Part {
  const choices = [readSequence(reader)];
  while (take(reader, /\|/y) !== undefined) choices.push(readSequence(reader));
  return priced(reader, (from) => new Set(choices.flatMap((choice) => [...choice(from)])));
}

function readSequence(reader: Reader): Part {
  const parts: Part[] = [];
  while (reader.at < reader.pattern.length && !/[|)]/.test(reader.pattern.charAt(reader.at))) {
    parts.push(readRepeated(reader));
  }
  return priced(reader, (from) => parts.reduce((places, part) => part(places), from));
}

function readRepeated(reader: Reader): Part {
  const part = readOne(reader);
  // lazy or not, the same texts match
  const [sign, least, comma, most] = take(reader, /(?:[*+?]|\{(\d+)(,)?(\d+)?\})\??/y) ?? [];
  if (sign === undefined) return part;
  const min = least === undefined ? Number(sign.startsWith('+')) : Number(least);
  const isOpen = sign.startsWith('*') || sign.startsWith('+') || (comma !== undefined && most === undefined);
  const max = isOpen ? Infinity : Number(most ?? least ?? 1);
  return (from) => {
    let places = from;
    for (let times = 0; times < min; times += 1) {
      places = part(places);
    }
    const all = new Set(places);
    for (let times = min; times < max && places.size > 0; times += 1) {
      places = new Set([...part(places)].filter((place) => !all.has(place)));
      for (const place of places) all.add(place);
    }
    return all;
  };
}

/** A group, an anchor, or what matches one character. */
function readOne(reader: Reader): Part {
  if (take(reader, /\((?:\?:)?/y) !== undefined) return readGroup(reader);
  const { text } = reader;
  if (take(reader, /\^/y) !== undefined) return priced(reader, (from) => places(from, (at) => at === 0));
  if (take(reader, /\$/y) !== undefined) {
    return priced(reader, (from) => places(from, (at) => at === text.length));
  }
  const [one = ''] = take(reader, /\[(?:\\.|[^\]\\])*\]|\\.|[^]/y) ?? [];
  const isLike = /^[[\\.]/.test(one) ? new RegExp(`^${one}$`, 'i') : undefined;
  const isOne = (sign: string): boolean => isLike?.test(sign) ?? sign.toLowerCase() === one.toLowerCase();
  return priced(reader, (from) => {
    const before = places(from, (at) => at < text.length && isOne(text.charAt(at)));
    return new Set([...before].map((at) => at + 1));
  });
}

function readGroup(reader: Reader): Part {
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH) throw new Error('too deep');
  const inside = readChoice(reader);
  take(reader, /\)/y);
  reader.depth -= 1;
  return inside;
}

function places(from: Places, isPlace: (at: number) => boolean): Places {
  return new Set([...from].filter(isPlace));
}

/** Steps over what is next, if it is this. */
function take(reader: Reader, next: RegExp): RegExpExecArray | undefined {
  next.lastIndex = reader.at;
  const found = next.exec(reader.pattern) ?? undefined;
  reader.at += found?.[0].length ?? 0;
  return found;
}

/** Each part costs a step for each place that it is tried at, and one for itself: nothing is repeated for free. */
function priced(reader: Reader, part: Part): Part {
  return (from) => {
    reader.steps -= from.size + 1;
    if (reader.steps < 0) throw new Error('too long');
    return part(from);
  };
}
