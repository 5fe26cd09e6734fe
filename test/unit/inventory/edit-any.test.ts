import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '../../../src/inventory/edit-text.ts';
import { type Edit, editInventory } from '../../../src/inventory/edit.ts';
import type { InventoryFile } from '../../../src/inventory/schema.ts';
import { readYaml } from '../../../src/inventory/yaml-source.ts';

/* Inventories in many hands: whatever the layout, only what an edit is about changes. */

interface Style {
  readonly form: 'lines' | 'braces' | 'brackets' | 'one line';
  readonly indent: number;
  readonly dash: string;
  readonly quote: '' | '"' | "'";
  readonly blanks: number;
  readonly lineEnd: '\n' | '\r\n';
  readonly ended: boolean;
  readonly agentsLast: boolean;
  readonly comma: boolean;
}

interface Agent {
  readonly tags: readonly string[] | undefined;
  readonly port: number | undefined;
  readonly hostFirst: boolean;
  readonly behind: string;
  readonly within: string;
  readonly above: string;
}

const comment = fc.constantFrom(
  '',
  '',
  '# a note',
  '# state: draining',
  '# with: { braces }, and [ more',
  '#',
);

const styles: fc.Arbitrary<Style> = fc.record({
  form: fc.constantFrom('lines', 'braces', 'brackets', 'one line'),
  indent: fc.constantFrom(0, 2, 4),
  dash: fc.constantFrom('- ', '-   '),
  quote: fc.constantFrom('', '"', "'"),
  blanks: fc.constantFrom(0, 0, 1, 2),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  ended: fc.boolean(),
  agentsLast: fc.boolean(),
  comma: fc.boolean(),
});

const agents: fc.Arbitrary<Agent[]> = fc.array(
  fc.record({
    tags: fc.option(fc.subarray(['gpu', 'ubuntu', '22.04'], { minLength: 1 }), { nil: undefined }),
    port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
    hostFirst: fc.boolean(),
    behind: comment,
    within: comment,
    above: comment,
  }),
  { minLength: 1, maxLength: 5 },
);

/** An inventory's text; the agents are called a0, a1, …, and their notes say so. */
function textOf(style: Style, all: readonly Agent[]): string {
  const gateway = [
    '# who may connect',
    'gateway:',
    '  agent_networks: [10.150.248.0/24]   # ours',
    '  access: { allow: any }',
    'sessions: { defaults: { user: anna } }',
  ];
  const section = agentsSection(style, all);
  const lines = [
    '# the fleet',
    'proxies:',
    '  - { name: gateway, host: 10.213.66.188 }',
    '',
    ...(style.agentsLast ? [...gateway, ...section] : [...section, ...gateway]),
  ];
  return lines.join(style.lineEnd) + (style.ended ? style.lineEnd : '');
}

function agentsSection(style: Style, all: readonly Agent[]): string[] {
  const indent = ' '.repeat(style.indent);
  if (style.form === 'one line')
    return [`agents: [${all.map((agent, index) => braces(style, agent, index)).join(', ')}]`];
  const entries = all.map((agent, index) => entryLines(style, agent, index, index === all.length - 1));
  const apart = entries.flatMap((entry, index) => [
    ...(index === 0 || style.form === 'brackets' ? [] : Array<string>(style.blanks).fill('')),
    ...entry,
  ]);
  if (style.form === 'brackets') return ['agents: [', ...apart, ']'];
  return ['agents:', ...apart.map((line) => (line === '' ? '' : indent + line))];
}

function pairs({ quote }: Style, agent: Agent, index: number): string[] {
  const name = `name: ${quote}a${index}${quote}`;
  const host = `host: 10.150.248.${index + 1}`;
  return [
    ...(agent.hostFirst ? [host, name] : [name, host]),
    ...(agent.tags === undefined ? [] : [`tags: [${agent.tags.map((tag) => `"${tag}"`).join(', ')}]`]),
    ...(agent.port === undefined ? [] : [`ssh: { port: ${agent.port} }`]),
  ];
}

function braces(style: Style, agent: Agent, index: number): string {
  return `{ ${pairs(style, agent, index).join(', ')} }`;
}

function entryLines(style: Style, agent: Agent, index: number, isLast: boolean): string[] {
  const note = (text: string): string => (text === '' ? '' : ` ${text} of a${index}`);
  const above = agent.above === '' ? [] : [`${agent.above} of a${index}`];
  if (style.form === 'brackets') {
    return [`  ${braces(style, agent, index)}${isLast && !style.comma ? '' : ','}${note(agent.behind)}`];
  }
  if (style.form === 'braces')
    return [...above, `${style.dash}${braces(style, agent, index)}${note(agent.behind)}`];
  const inner = ' '.repeat(style.dash.length);
  const [first = '', ...rest] = pairs(style, agent, index);
  return [
    ...above,
    `${style.dash}${first}${note(agent.behind)}`,
    ...rest.map((line) => inner + line),
    ...(agent.within === '' ? [] : [`${inner}${agent.within} of a${index}`]),
  ];
}

const files = fc.record({ style: styles, all: agents }).chain(({ style, all }) =>
  fc.record({
    text: fc.constant(textOf(style, all)),
    onOneLine: fc.constant(style.form === 'one line'),
    chosen: fc.integer({ min: 0, max: all.length - 1 }).map((index) => `a${index}`),
    names: fc.constant(all.map((_, index) => `a${index}`)),
  }),
);

const RUNS = 80;

const NEW = { name: 'b1', host: '10.150.248.200', tags: ['gpu', '22.04'], ssh: { user: 'anna', port: 22 } };
const state = fc.constantFrom('draining' as const, 'maintenance' as const);

function edited(text: string, ...edits: Edit[]): string {
  const result = editInventory(text, edits);
  if (result.kind !== 'edited') throw new Error(`line ${result.line}: ${result.what}`);
  return result.text;
}

/** The lines that are in one text and not in the other, when everything before and behind them is the same. */
function onlyIn(longer: string, shorter: string): string[] {
  const [one, other] = [longer.split(/(?<=\n)/), shorter.split(/(?<=\n)/)];
  let start = 0;
  while (start < other.length && one[start] === other[start]) start++;
  let end = 0;
  while (end < other.length - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  if (start + end < other.length)
    throw new Error(`more than one place is changed:\n${longer}\n---\n${shorter}`);
  return one.slice(start, one.length - end);
}

/** With a line end at the end, so that the last line is a line like the others. */
function ended(text: string): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  return text.endsWith(lineEnd) ? text : text + lineEnd;
}

describe('an inventory in any hand', () => {
  it('gets an agent, and is the same text again without it', () => {
    fc.assert(
      fc.property(files, ({ text, onOneLine, names }) => {
        const longer = edited(text, { kind: 'add-agent', agent: NEW });
        expect(edited(longer, { kind: 'remove-agent', name: 'b1' })).toBe(text);
        const { value } = readYaml(plainText(longer));
        expect((value as InventoryFile).agents?.map(({ name }) => name)).toEqual([...names, 'b1']);
        if (!onOneLine && !/^agents: \[$/m.test(text.replaceAll('\r', ''))) {
          expect(onlyIn(ended(longer), ended(text)).join('')).toContain('b1');
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('loses an agent, and nothing that is another’s', () => {
    fc.assert(
      fc.property(files, ({ text, onOneLine, chosen, names }) => {
        fc.pre(names.length > 1 && !onOneLine && !/^agents: \[$/m.test(text.replaceAll('\r', '')));
        const gone = onlyIn(ended(text), ended(edited(text, { kind: 'remove-agent', name: chosen }))).join(
          '',
        );
        for (const other of names.filter((name) => name !== chosen)) {
          expect(gone).not.toMatch(new RegExp(`\\b${other}\\b`));
        }
        expect(gone).toMatch(new RegExp(`\\b${chosen}\\b`));
      }),
      { numRuns: RUNS },
    );
  });

  it('gets an agent’s state in its entry, and is the same text again without it', () => {
    fc.assert(
      fc.property(files, state, ({ text, chosen }, to) => {
        const marked = edited(text, { kind: 'set-state', name: chosen, state: to });
        const [before, after] = [text.split('\n'), marked.split('\n')];
        const unchanged = before.filter((line) => after.includes(line));
        expect(before.length - unchanged.length).toBeLessThanOrEqual(1);
        expect(edited(marked, { kind: 'set-state', name: chosen, state: 'in-service' })).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });
});
