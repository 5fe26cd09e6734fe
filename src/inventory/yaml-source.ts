import {
  type Alias,
  type Document,
  type ErrorCode,
  LineCounter,
  type Node,
  type Pair,
  type Scalar,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
} from 'yaml';
import { type Path, type Problem, showPlain, showValue } from './problem.ts';

/** A YAML text as plain data, which still knows where each value stands. */
export interface YamlSource {
  /** Records, lists, text, numbers, booleans and null; undefined when there is nothing usable. */
  readonly value: unknown;
  /** What is wrong with the text as YAML. */
  readonly problems: readonly Problem[];
  /** The line and column of a value, or of the key in front of it; the nearest place around it when it is missing. */
  readonly locate: (path: Path, at?: 'key' | 'value') => { readonly line: number; readonly column: number };
  /** What stands at a place, as a message shows it: `"text"`, 0644, "a list"; undefined where nothing stands. */
  readonly found: (path: Path) => string | undefined;
}

/** Aliases may repeat values, but not without end: a few lines of them can stand for billions ("billion laughs"). */
const MOST_VALUES_BY_ALIAS = 20_000;

/** The inventory's own depth is 5. */
const MOST_DEPTH = 32;

/**
 * Reads one YAML 1.2 document. Never throws: whatever the text holds comes back as problems. Stricter than YAML where
 * YAML is ambiguous: numbers in plain decimal only (0644 is 644 to YAML 1.2 and 420 to YAML 1.1), no merge keys, no
 * second document.
 */
export function readYaml(text: string): YamlSource {
  const lineCounter = new LineCounter();
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const document = parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      // yaml compares each key with each other key; toPlain does it with a Set and names the first one
      uniqueKeys: false,
      version: '1.2',
    });
    const mistakes = [...document.errors, ...document.warnings];
    if (mistakes.length > 0) return unusable(syntaxProblems(mistakes, at, text.split('\n')));
    if (document.directives.yaml.version !== '1.2') {
      return unusable([{ ...at(0), path: [], what: 'only YAML 1.2 is read: take the %YAML line out' }]);
    }
    return toPlain(document, at);
  } catch (error) {
    // The parser recurses: text nested thousands deep ends as a RangeError.
    if (error instanceof TooMuchByAlias) return unusable([error.problem]);
    if (!(error instanceof RangeError)) throw error;
    return unusable([{ line: 1, column: 1, path: [], what: 'nested too deep to be read' }]);
  }
}

function unusable(problems: readonly Problem[]): YamlSource {
  return {
    value: undefined,
    problems,
    locate: () => ({ line: 1, column: 1 }),
    found: () => undefined,
  };
}

/** One mistake often makes yaml complain about all that follows: the first lines are what helps. */
const MOST_SYNTAX_PROBLEMS = 5;

function syntaxProblems(errors: readonly YAMLError[], at: At, lines: readonly string[]): Problem[] {
  const byLine = new Map<number, Problem>();
  for (const error of errors) {
    if (byLine.size === MOST_SYNTAX_PROBLEMS) break;
    const place = at(error.pos[0]);
    const what = `not YAML: ${syntaxProblem(error, lines[place.line - 1] ?? '')}`;
    if (!byLine.has(place.line)) byLine.set(place.line, { ...place, path: [], what });
  }
  return [...byLine.values()];
}

/** yaml's own messages are for programmers; the usual mistakes get words for people. */
function syntaxProblem(error: YAMLError, line: string): string {
  const texts: Partial<Record<ErrorCode, string>> = {
    TAB_AS_INDENT: 'a tab indents this line, YAML takes spaces only',
    MULTIPLE_DOCS: 'a second document begins here (---), one file holds one inventory',
    BLOCK_AS_IMPLICIT_KEY:
      'a key inside a value; text with a colon before a space or at its end needs quotes',
    RESOURCE_EXHAUSTION: 'nested too deep',
    MULTILINE_IMPLICIT_KEY: 'neither "key: value" nor part of the line above',
  };
  const text = showPlain(texts[error.code] ?? error.message);
  return line.includes('::') ? `${text} (an IPv6 address may need quotes here)` : text;
}

type At = (offset: number) => { line: number; column: number };

/** Ends the reading at once: every further value would say the same. */
class TooMuchByAlias extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.what);
    this.problem = problem;
  }
}

function toPlain(document: Document.Parsed, at: At): YamlSource {
  const problems: Problem[] = [];
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const open = new Set<Node>();
  let valuesByAlias = 0;

  /** Notes a problem; null stands where the value would. */
  function complain(node: Node | null, path: Path, what: string, details: Partial<Problem> = {}): null {
    problems.push({ ...at(node?.range?.[0] ?? 0), path, what, ...details });
    return null;
  }

  function convert(node: Node | null, path: Path, byAlias: boolean): unknown {
    if (byAlias && ++valuesByAlias > MOST_VALUES_BY_ALIAS) {
      const what = `aliases stand for more than ${MOST_VALUES_BY_ALIAS} values here`;
      throw new TooMuchByAlias({ ...at(node?.range?.[0] ?? 0), path: path.slice(0, 3), what });
    }
    if (path.length > MOST_DEPTH)
      return complain(node, path.slice(0, 3), 'nested too deep to be an inventory');
    if (node === null) return null;
    if (isAlias(node)) return convertAlias(node, path);
    if (!byAlias && node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isScalar(node)) return convertScalar(node, path);
    open.add(node);
    const value = isMap(node) ? convertMap(node, path, byAlias) : convertList(node, path, byAlias);
    open.delete(node);
    return value;
  }

  function convertList(list: YAMLSeq, path: Path, byAlias: boolean): unknown[] {
    return list.items.map((item, index) => convert(item as Node | null, [...path, index], byAlias));
  }

  function convertAlias(node: Alias, path: Path): unknown {
    const target = anchors.get(node.source);
    if (target === undefined) return complain(node, path, `no &${showPlain(node.source)} stands before this`);
    if (open.has(target)) return complain(node, path, 'an alias of something that it is part of');
    targets.set(node, target);
    return convert(target, path, true);
  }

  function convertMap(map: YAMLMap, path: Path, byAlias: boolean): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (const { key, value } of map.items as Pair<Node | null, Node | null>[]) {
      const name = keyText(key);
      if (name === undefined) {
        complain(key ?? map, path, 'a key that is not a word');
        continue;
      }
      const inner = [...path, name];
      if (name === '<<') {
        complain(
          key,
          inner,
          'merge keys are not read; defaults.ssh and defaults.agents.ssh say a thing once',
        );
      } else if (name === '__proto__') {
        complain(key, inner, 'unknown key', { found: showValue(name) });
      } else if (Object.hasOwn(record, name)) {
        complain(key, inner, `the same key as in line ${lineOf(map, name)}`);
      } else {
        record[name] = convert(value, inner, byAlias);
      }
    }
    return record;
  }

  function lineOf(map: YAMLMap, name: string): number {
    return at(pairOf(map, name)?.key?.range?.[0] ?? 0).line;
  }

  function convertScalar(node: Scalar, path: Path): unknown {
    const { value } = node;
    if (typeof value === 'number' && !/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/.test(node.source ?? '')) {
      const source = showPlain(node.source ?? '');
      return complain(node, path, 'a number in an unusual form', {
        found: source,
        allowed: `plain decimal digits; "${source}" in quotes where text is meant`,
      });
    }
    return typeof value === 'bigint' ? Number(value) : value;
  }

  /** The node at a path and, when it is the value of a key, that key; as near as it gets. */
  function lookUp(path: Path): { key: Node | null; node: Node | null; complete: boolean } {
    let place: { key: Node | null; node: Node | null } = { key: null, node: document.contents };
    for (const part of path) {
      const node = isAlias(place.node) ? (targets.get(place.node) ?? place.node) : place.node;
      const inner = isMap(node)
        ? pairOf(node, String(part))
        : isSeq(node) && typeof part === 'number' && part < node.items.length
          ? { key: null, value: node.items[part] as Node | null }
          : undefined;
      if (inner === undefined) return { ...place, complete: false };
      place = { key: inner.key, node: inner.value };
    }
    return { ...place, complete: true };
  }

  return {
    value: convert(document.contents, [], false),
    problems,
    locate(path, which = 'value') {
      const { key, node, complete } = lookUp(path);
      const chosen = which === 'key' || !complete ? (key ?? node) : (node ?? key);
      return at(chosen?.range?.[0] ?? 0);
    },
    found(path) {
      const { node, complete } = lookUp(path);
      return complete ? describe(isAlias(node) ? (targets.get(node) ?? null) : node) : undefined;
    },
  };
}

function pairOf(map: YAMLMap, name: string): Pair<Node | null, Node | null> | undefined {
  return (map.items as Pair<Node | null, Node | null>[]).find(({ key }) => keyText(key) === name);
}

/** Keys are plain words; `on`, `22` and the like are words here as well. */
function keyText(key: Node | null): string | undefined {
  if (!isScalar(key)) return undefined;
  if (typeof key.value === 'string') return key.value;
  return key.source === undefined || key.source === '' ? undefined : key.source;
}

function describe(node: Node | null): string {
  if (isMap(node)) return node.items.length === 0 ? 'an empty record' : 'a record (keys and values)';
  if (isSeq(node)) return node.items.length === 0 ? 'an empty list' : 'a list';
  if (!isScalar(node) || node.value === null) return 'nothing';
  return typeof node.value === 'string' ? showValue(node.value) : showPlain(node.source ?? '');
}
