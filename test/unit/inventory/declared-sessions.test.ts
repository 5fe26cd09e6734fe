import { describe, expect, it } from 'vitest';
import { editInventory } from '../../../src/inventory/edit.ts';
import { showInventory, showInventoryAsYaml } from '../../../src/inventory/show.ts';
import type { DeclaredSession } from '../../../src/inventory/types.ts';
import { GOOD, changed, parse, problemsOf } from './texts.ts';

/** The good inventory, in whose line 6 agent1 stands and in whose line 13 a shared session does. */
function withSessions(own: string | undefined, shared?: string): string {
  const text = own === undefined ? GOOD : changed('[ubuntu, gpu] }', `[ubuntu, gpu], sessions: ${own} }`);
  return shared === undefined ? text : `${text}sessions:\n  declared: ${shared}\n`;
}

async function declared(text: string): Promise<Record<string, readonly DeclaredSession[] | undefined>> {
  const { agents } = await parse(text);
  return Object.fromEntries(agents.map(({ name, sessions }) => [name, sessions]));
}

const DESK = { id: 'desk', type: 'virtual', user: 'ec2-user', owner: 'ec2-user' } as const;
const RENDER = { ...DESK, id: 'render' };

describe('sessions that are to be there', () => {
  it.each([
    ['none', undefined, undefined, { agent1: undefined, agent2: undefined }],
    ['an agent’s own', '[{ id: desk }]', undefined, { agent1: [DESK], agent2: undefined }],
    ['by tag', undefined, '[{ agents: ["@gpu"], id: desk }]', { agent1: [DESK], agent2: [DESK] }],
    ['by glob', undefined, '[{ agents: ["*.136"], id: desk }]', { agent1: undefined, agent2: [DESK] }],
    [
      'of both kinds, the agent’s own first',
      '[{ id: render }]',
      '[{ agents: [agents], id: desk }]',
      { agent1: [RENDER, DESK], agent2: [DESK] },
    ],
    [
      'with what is left out from sessions.defaults',
      '[{}]',
      undefined,
      { agent1: [{ ...DESK, id: 'desktop-session' }], agent2: undefined },
    ],
    [
      'whose owner is their user, where only that is said',
      '[{ id: desk, user: jane }]',
      undefined,
      { agent1: [{ ...DESK, user: 'jane', owner: 'jane' }], agent2: undefined },
    ],
    [
      'with everything that DCV takes',
      `[{ id: desk, type: virtual, user: jane, owner: joe, name: "Jane's $(id)", permissions_file: /etc/p, storage_root: "%home%/up", gl: off, max_concurrent_clients: 2, init: /opt/x }]`,
      undefined,
      {
        agent1: [
          {
            ...DESK,
            user: 'jane',
            owner: 'joe',
            name: "Jane's $(id)",
            permissionsFile: '/etc/p',
            storageRoot: '%home%/up',
            gl: 'off',
            maxConcurrentClients: 2,
            init: '/opt/x',
          },
        ],
        agent2: undefined,
      },
    ],
    [
      'on the console',
      '[{ type: console, id: screen, owner: jane }]',
      undefined,
      {
        agent1: [{ id: 'screen', type: 'console', user: 'ec2-user', owner: 'jane' }],
        agent2: undefined,
      },
    ],
  ])('are %s, and mean the same when they are shown', async (_, own, shared, expected) => {
    const text = withSessions(own, shared);
    expect(await declared(text)).toEqual(expected);
    expect(await declared(showInventoryAsYaml(await parse(text)))).toEqual(expected);
  });

  it('are shown with the agent that has them', async () => {
    const shown = showInventory(await parse(withSessions(undefined, '[{ agents: [agent2], id: desk }]')));
    expect(shown.agents?.map(({ sessions }) => sessions)).toEqual([undefined, [DESK]]);
    expect(shown.sessions).not.toHaveProperty('declared');
  });
});

describe('a mistake in them would be a desktop that is missing after a reboot, and is told', () => {
  it.each([
    [
      withSessions('[{ id: desk }, { id: desk, owner: jane }]'),
      'hosts.yaml:6:95: the same id twice on agent1 (agents[0].sessions[1].id): found "desk", allowed: another one (agents[0].sessions[0] in line 6 has it)',
    ],
    [
      withSessions('[{ id: desk }]', '[{ agents: ["@gpu"], id: desk }]'),
      'hosts.yaml:13:38: the same id twice on agent1 (sessions.declared[0].id): found "desk", allowed: another one (agents[0].sessions[0] in line 6 has it)',
    ],
    [
      withSessions('[{ type: console, id: a }, { type: console, id: b }]'),
      'hosts.yaml:6:109: two console sessions on agent1 (agents[0].sessions[1].type): found "console", allowed: one (agents[0].sessions[0] in line 6 has it)',
    ],
    [
      withSessions('[{ id: a }, { type: console, id: b }]'),
      'hosts.yaml:6:94: a console session beside virtual ones on agent1 (agents[0].sessions[1].type): found "console", allowed: one or the other (agents[0].sessions[0] in line 6 is virtual)',
    ],
    [
      withSessions('[{ type: console, gl: on }]'),
      'hosts.yaml:6:92: no meaning for a console session (agents[0].sessions[0].gl): found "on", allowed: no gl, or type: virtual',
    ],
    [
      withSessions(undefined, '[{ agents: [agent1, agent7], id: a }]'),
      'hosts.yaml:13:33: unknown name (sessions.declared[0].agents[1]): found "agent7", did you mean "agent1" or "agent2"? Allowed: an agent’s name, a glob or a @tag that an agent has, agents: agent1, agent2',
    ],
    [
      withSessions(undefined, '[{ agents: ["@cpu"], id: a }]'),
      'hosts.yaml:13:25: no host has this tag (sessions.declared[0].agents[0]): found "@cpu", did you mean "@gpu"? Allowed: one of @ubuntu, @gpu',
    ],
    [
      withSessions('[{ id: "-a" }]'),
      'hosts.yaml:6:81: wrong value (agents[0].sessions[0].id): found "-a", allowed: letters and digits, with . _ - between them, at most 64',
    ],
    [
      withSessions(`[{ name: ${'n'.repeat(257)} }]`),
      expect.stringContaining('allowed: one line of up to 256 characters') as unknown as string,
    ],
    [
      withSessions('[{ permissions_file: own.perm }]'),
      'hosts.yaml:6:95: wrong value (agents[0].sessions[0].permissions_file): found "own.perm", allowed: an absolute path on the agent',
    ],
  ])('%#', async (text, problem) => {
    expect(await problemsOf(text)).toEqual([problem]);
  });

  it('is told once, with the id of a session that is named by default', async () => {
    expect(await problemsOf(withSessions('[{}, { id: desktop-session }]'))).toHaveLength(1);
    expect(await problemsOf(withSessions('[{ id: desktop-session }, {}]'))).toEqual([
      expect.stringContaining('the same id twice on agent1 (agents[0].sessions[1].id)'),
    ]);
  });
});

describe('an agent with sessions can still be edited by commands', () => {
  const BLOCK = `agents:
  - name: agent1
    host: 10.150.248.180
    sessions:
      - id: desk   # Jane's
        owner: jane

      - { id: render }
  # the other one
  - name: agent2
    host: 10.150.248.136
`;

  it.each([
    [
      'a state is written behind them',
      [{ kind: 'set-state', name: 'agent1', state: 'draining' } as const],
      BLOCK.replace('      - { id: render }\n', '      - { id: render }\n    state: draining\n'),
    ],
    [
      'they leave with their agent',
      [{ kind: 'remove-agent', name: 'agent1' } as const],
      'agents:\n  # the other one\n  - name: agent2\n    host: 10.150.248.136\n',
    ],
  ])('%s', (_, edits, text) => {
    expect(editInventory(BLOCK, edits)).toEqual({ kind: 'edited', text });
  });
});
