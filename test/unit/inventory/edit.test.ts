import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type Edit, type NewAgent, editInventory } from '../../../src/inventory/edit.ts';

// An inventory is somebody's own text: what dcvops changes in it has to look as if that person had typed it.

const NEW: NewAgent = { name: 'agent9', host: '10.150.248.9', tags: [], ssh: {} };
const FULL: NewAgent = {
  name: 'agent9',
  host: '10.150.248.9',
  tags: ['gpu', '22.04'],
  ssh: { user: 'ubuntu', port: 2222, jump: 'gateway' },
};
const ADD: Edit = { kind: 'add-agent', agent: NEW };
const remove = (name: string): Edit => ({ kind: 'remove-agent', name });
const state = (name: string, to: 'draining' | 'maintenance' | 'in-service'): Edit => ({
  kind: 'set-state',
  name,
  state: to,
});

const HEAD = 'proxies:\n  - { name: gateway, host: 10.213.66.188 }\n';
const TAIL = 'gateway:\n  access: { allow: [10.213.0.0/16] }\n';

function edited(text: string, ...edits: Edit[]): string {
  const result = editInventory(text, edits);
  if (result.kind !== 'edited') throw new Error(`line ${result.line}: ${result.what}`);
  return result.text;
}

/** Edits the part of a file that holds its agents. */
function inAgents(part: string, ...edits: Edit[]): string {
  const text = edited(HEAD + part + TAIL, ...edits);
  if (!text.startsWith(HEAD) || !text.endsWith(TAIL)) throw new Error(`more was changed:\n${text}`);
  return text.slice(HEAD.length, text.length - TAIL.length);
}

const BRACES = `agents:
  - { name: agent1, host: 10.150.248.1, tags: [gpu] } # the first
  - { name: agent2, host: 10.150.248.2 }
`;
const LINES = `agents:
  - name: agent1
    host: 10.150.248.1
    tags: [gpu] # with a GPU

  - name: agent2 # the second
    host: 10.150.248.2
    # port: 2222

`;
const LISTS = `agents:
- host: "10.150.248.1"
  name: "agent1"
  tags:
  - "gpu"
  ssh:
      user: "anna"
`;

describe('adding an agent', () => {
  it.each<[string, string, NewAgent, string]>([
    ['in braces', BRACES, NEW, `${BRACES}  - { name: agent9, host: 10.150.248.9 }\n`],
    [
      'in braces, with everything',
      BRACES,
      FULL,
      `${BRACES}  - { name: agent9, host: 10.150.248.9, tags: [gpu, "22.04"], ssh: { user: ubuntu, port: 2222, jump: gateway } }\n`,
    ],
    [
      'on lines of their own, blank lines between',
      LINES,
      FULL,
      `${LINES}  - name: agent9
    host: 10.150.248.9
    tags: [gpu, "22.04"]
    ssh: { user: ubuntu, port: 2222, jump: gateway }

`,
    ],
    [
      'in the order, the quotes and the indentation of its neighbours',
      LISTS,
      FULL,
      `${LISTS}- host: "10.150.248.9"
  name: "agent9"
  tags:
  - "gpu"
  - "22.04"
  ssh:
      user: "ubuntu"
      port: 2222
      jump: "gateway"
`,
    ],
    [
      'to a list on one line',
      'agents: [{name: agent1, host: 10.150.248.1}]\n',
      NEW,
      'agents: [{name: agent1, host: 10.150.248.1}, {name: agent9, host: 10.150.248.9}]\n',
    ],
    [
      'to a list in brackets with a line for each, before the comment of the last one',
      'agents: [\n  { name: agent1, host: 10.150.248.1 } # one\n]\n',
      NEW,
      'agents: [\n  { name: agent1, host: 10.150.248.1 }, # one\n  { name: agent9, host: 10.150.248.9 }\n]\n',
    ],
    [
      'to a list with a comma at its end',
      'agents: [\n  { name: agent1, host: 10.150.248.1 },\n]\n',
      NEW,
      'agents: [\n  { name: agent1, host: 10.150.248.1 },\n  { name: agent9, host: 10.150.248.9 },\n]\n',
    ],
    [
      'to an empty list',
      'agents: [] # none yet\n',
      NEW,
      'agents: # none yet\n  - { name: agent9, host: 10.150.248.9 }\n',
    ],
    [
      'to a key without agents',
      'agents:\n  # - name: later\n\n',
      NEW,
      'agents:\n  - { name: agent9, host: 10.150.248.9 }\n  # - name: later\n\n',
    ],
    ['where no agents are', '', NEW, 'agents:\n  - { name: agent9, host: 10.150.248.9 }\n'],
    [
      'where no agents are, between blank lines',
      '\n',
      NEW,
      '\nagents:\n  - { name: agent9, host: 10.150.248.9 }\n\n',
    ],
    [
      'an IPv6 address',
      BRACES,
      { ...NEW, host: 'fd00::' },
      `${BRACES}  - { name: agent9, host: "fd00::" }\n`,
    ],
    [
      'a name that YAML reads as nothing',
      BRACES,
      { ...NEW, name: 'null' },
      `${BRACES}  - { name: "null", host: 10.150.248.9 }\n`,
    ],
    [
      'behind agents that are commented out',
      `${BRACES}  # - { name: agent3, host: 10.150.248.3 }\n`,
      NEW,
      `${BRACES}  # - { name: agent3, host: 10.150.248.3 }\n  - { name: agent9, host: 10.150.248.9 }\n`,
    ],
    [
      'before the comment of what follows',
      `${LISTS}# The gateway\n`,
      NEW,
      `${LISTS}- host: "10.150.248.9"\n  name: "agent9"\n# The gateway\n`,
    ],
  ])('%s', (_, before, agent, expected) => {
    expect(inAgents(before, { kind: 'add-agent', agent })).toBe(expected);
  });

  it('in a file that is JSON', () => {
    const json = JSON.stringify(
      {
        proxies: [{ name: 'gateway', host: '10.213.66.188' }],
        agents: [{ name: 'agent1', host: '10.150.248.1' }],
        gateway: { access: { allow: ['10.213.0.0/16'] } },
      },
      undefined,
      2,
    );
    const content = JSON.parse(json) as { agents: { name: string; host: string }[] };
    content.agents.push({ name: 'agent9', host: '10.150.248.9' });
    expect(edited(json, ADD)).toBe(JSON.stringify(content, undefined, 2));
    expect(edited(edited(json, ADD), remove('agent9'))).toBe(json);
  });

  it('keeps line ends of Windows, a byte order mark, and a last line without an end', () => {
    const text = `\ufeff${TAIL}${HEAD}${BRACES}`.trimEnd().replaceAll('\n', '\r\n');
    expect(edited(text, ADD)).toBe(`${text}\r\n  - { name: agent9, host: 10.150.248.9 }`);
  });

  it('in the example that newcomers copy', async () => {
    const example = await readFile('inventory/example.yaml', 'utf8');
    const text = edited(example, { kind: 'add-agent', agent: FULL }, state('agent1', 'draining'));
    expect(text.replace(example.slice(0, 10), '').length).toBeGreaterThan(example.length - 10);
    expect(edited(text, remove('agent9'), state('agent1', 'in-service'))).toBe(example);
  });
});

describe('removing an agent', () => {
  it.each<[string, string, string, string]>([
    ['the first of a list', BRACES, 'agent1', 'agents:\n  - { name: agent2, host: 10.150.248.2 }\n'],
    [
      'the last of a list',
      BRACES,
      'agent2',
      'agents:\n  - { name: agent1, host: 10.150.248.1, tags: [gpu] } # the first\n',
    ],
    [
      'with the comments in it, and the blank line before it',
      LINES,
      'agent2',
      'agents:\n  - name: agent1\n    host: 10.150.248.1\n    tags: [gpu] # with a GPU\n\n',
    ],
    [
      'with the blank line behind it where it is the first',
      LINES,
      'agent1',
      'agents:\n  - name: agent2 # the second\n    host: 10.150.248.2\n    # port: 2222\n\n',
    ],
    ['the only one', LISTS, 'agent1', 'agents: []\n'],
    [
      'with the comment above that is about it alone',
      'agents:\n  # old\n  - { name: a, host: 10.0.0.1 }\n  # new\n  - { name: b, host: 10.0.0.2 }\n',
      'b',
      'agents:\n  # old\n  - { name: a, host: 10.0.0.1 }\n',
    ],
    [
      'not with a heading above several',
      'agents:\n  # GPUs\n  - { name: a, host: 10.0.0.1 }\n  - { name: b, host: 10.0.0.2 }\n',
      'a',
      'agents:\n  # GPUs\n  - { name: b, host: 10.0.0.2 }\n',
    ],
    [
      'not with agents that are commented out above it',
      'agents:\n  - { name: a, host: 10.0.0.1 }\n  # - { name: c, host: 10.0.0.3 }\n  - { name: b, host: 10.0.0.2 }\n',
      'b',
      'agents:\n  - { name: a, host: 10.0.0.1 }\n  # - { name: c, host: 10.0.0.3 }\n',
    ],
    [
      'from a list on one line',
      'agents: [{ name: a, host: 10.0.0.1 }, { name: b, host: 10.0.0.2 }]\n',
      'a',
      'agents: [{ name: b, host: 10.0.0.2 }]\n',
    ],
    [
      'at the end of a list on one line',
      'agents: [{ name: a, host: 10.0.0.1 }, { name: b, host: 10.0.0.2 }]\n',
      'b',
      'agents: [{ name: a, host: 10.0.0.1 }]\n',
    ],
    [
      'from a list in brackets with a line for each',
      'agents: [\n  { name: a, host: 10.0.0.1 }, # a\n  { name: b, host: 10.0.0.2 } # b\n]\n',
      'b',
      'agents: [\n  { name: a, host: 10.0.0.1 } # a\n]\n',
    ],
  ])('%s', (_, before, name, expected) => {
    expect(inAgents(before, remove(name))).toBe(expected);
  });
});

describe('an agent’s state', () => {
  it.each<[string, string, Edit, string]>([
    [
      'goes into the braces',
      BRACES,
      state('agent1', 'draining'),
      BRACES.replace('tags: [gpu] }', 'tags: [gpu], state: draining }'),
    ],
    [
      'gets a line behind the last key',
      LINES,
      state('agent1', 'maintenance'),
      LINES.replace('# with a GPU\n', '# with a GPU\n    state: maintenance\n'),
    ],
    [
      'gets a line at the margin of the keys, with their quotes',
      LISTS,
      state('agent1', 'draining'),
      `${LISTS}  state: "draining"\n`,
    ],
    [
      'is replaced where there is one, its comment stays',
      'agents:\n  - { name: a, host: 10.0.0.1, state: "draining" } # until Friday\n',
      state('a', 'maintenance'),
      'agents:\n  - { name: a, host: 10.0.0.1, state: "maintenance" } # until Friday\n',
    ],
    [
      'goes with its line',
      'agents:\n  - name: a\n    state: draining # until Friday\n    host: 10.0.0.1\n',
      state('a', 'in-service'),
      'agents:\n  - name: a\n    host: 10.0.0.1\n',
    ],
    [
      'goes from behind the dash',
      'agents:\n  - state: draining\n    name: a\n    host: 10.0.0.1\n',
      state('a', 'in-service'),
      'agents:\n  - name: a\n    host: 10.0.0.1\n',
    ],
    ['stays away where it is the usual one', BRACES, state('agent1', 'in-service'), BRACES],
  ])('%s', (_, before, edit, expected) => {
    expect(inAgents(before, edit)).toBe(expected);
  });
});

it('sets the states of several agents at once, each in its entry', () => {
  const text = inAgents(LINES, state('agent2', 'draining'), state('agent1', 'maintenance'));
  expect(text).toBe(
    LINES.replace('# with a GPU\n', '# with a GPU\n    state: maintenance\n').replace(
      'host: 10.150.248.2\n',
      'host: 10.150.248.2\n    state: draining\n',
    ),
  );
  expect(inAgents(text, state('agent1', 'in-service'), state('agent2', 'in-service'))).toBe(LINES);
});

describe('the gateway’s section', () => {
  const file = (gateway: string): string => `${HEAD}${BRACES}gateway:\n${gateway}  access: { allow: any }\n`;

  it.each<[string, string, Edit, string]>([
    [
      'gets a network in brackets',
      '  agent_networks: [10.150.248.0/24] # ours\n',
      { kind: 'add-network', network: 'fd00:9::/64' },
      '  agent_networks: [10.150.248.0/24, fd00:9::/64] # ours\n',
    ],
    [
      'gets a network on a line of its own',
      "  agent_networks:\n    - '10.150.248.0/24' # ours\n",
      { kind: 'add-network', network: '10.150.249.0/24' },
      "  agent_networks:\n    - '10.150.248.0/24' # ours\n    - '10.150.249.0/24'\n",
    ],
    [
      'loses a member of a pool',
      '  default: [agent1, { agent: agent2, weight: 2 }]\n',
      { kind: 'leave-default', name: 'agent2' },
      '  default: [agent1]\n',
    ],
    [
      'loses a member of a redirect',
      '  default:\n    redirect:\n      - agent1 # the old one\n      - agent2\n',
      { kind: 'leave-default', name: 'agent1' },
      '  default:\n    redirect:\n      - agent2\n',
    ],
  ])('%s', (_, before, edit, expected) => {
    expect(edited(file(before), edit)).toBe(file(expected));
  });
});

describe('a file that cannot be edited safely', () => {
  it.each<[string, string, Edit, string]>([
    [
      'another agent needs what is taken out',
      'agents:\n  - { name: a, host: 10.0.0.1, tags: &gpu [gpu] }\n  - { name: b, host: 10.0.0.2, tags: *gpu }\n',
      remove('a'),
      'take out the agent a',
    ],
    [
      'the agents are written elsewhere',
      'agents: *list\n',
      { kind: 'add-agent', agent: FULL },
      'add to agents: { name: agent9, host: 10.150.248.9, tags: [gpu, "22.04"], ssh: { user: ubuntu, port: 2222, jump: gateway } }',
    ],
    [
      'a list is behind the dash of another line',
      'agents:\n  - &one { name: a, host: 10.0.0.1 }\n  - ? name\n    : b\n    ? host\n    : 10.0.0.2\n',
      state('b', 'draining'),
      'add to the agent b: state: draining',
    ],
  ])('is left alone, and what to write is told: %s', (_, part, edit, what) => {
    const anchored = part.includes('*list')
      ? `proxies:\n  - { name: gateway, host: 10.213.66.188 }\nlogs: &list []\n${part}${TAIL}`
      : HEAD + part + TAIL;
    expect(editInventory(anchored, [edit])).toMatchObject({ kind: 'by-hand', what });
  });
});
