import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CreateFlags, wantedSessions } from '../../../src/cli/session/create.ts';
import { parseSessionName } from '../../../src/dcv/session/id.ts';
import { readSessionFile } from '../../../src/operations/session/files.ts';
import { changed, parse } from '../inventory/texts.ts';
import { dcvops } from './dcvops.ts';

let folder: string;
const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-cli-session-'));
  await Promise.all([
    writeFile(file('hosts.yaml'), changed(', key: ~/.ssh/tom.pem', '')),
    writeFile(file('own.perm'), '[permissions]\n%owner% allow builtin\n'),
    writeFile(file('start.sh'), '#!/bin/sh\nexec xterm\n'),
    writeFile(file('no-script'), 'exec xterm\n'),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

describe('dcvops session create: what DCV would refuse is refused before a host is asked', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['no agent', [], /on which agent\?\n.*session create --all/],
    ['an agent and all of them', ['agent1', '--all'], /name agents, or give --all/],
    ['an id that cannot be one', ['agent1/-x'], /"-x" cannot be a session's id/],
    ['an id that is too long with its number', [`agent1/${'x'.repeat(63)}`, '--count=3'], /at most 64/],
    ['a long name', ['agent1', '--name', 'n'.repeat(257)], /256 characters at most/],
    ['a name of two lines', ['agent1', '--name', 'a\nb'], /one line of text/],
    ['no name', ['agent1', '--name', ''], /one line of text/],
    ['a user that cannot be one', ['agent1', '--user=jane doe'], /--user: "jane doe" is no user’s name/],
    ['an owner that cannot be one', ['agent1', '--owner=-x'], /--owner: "-x" is no user’s name/],
    [
      'a folder that is relative',
      ['agent1', '--storage-root=share'],
      /--storage-root: it has to be an absolute path on the agent\n.*%home%\/share/,
    ],
    ['no sessions', ['agent1', '--count', '0'], /a whole number from 1 to 100/],
    ['too many', ['agent1', '--count', '101'], /a whole number from 1 to 100/],
    ['a user on the console', ['agent1', '--type=console', '--user=jane'], /--user is for virtual sessions/],
    ['GL on the console', ['agent1', '--type=console', '--gl=off'], /--gl is for virtual sessions/],
    ['a script on the console', ['agent1', '--type=console', '--init=/opt/x'], /--init is for virtual/],
    ['two consoles', ['agent1', '--type=console', '--count=2'], /a host has one console session/],
    [
      'a file that is nowhere',
      ['agent1', '--permissions-file=gone.perm'],
      /there is no file gone\.perm here/,
    ],
    [
      'a path of the agent that is not absolute',
      ['agent1', '--init=agent:x'],
      /a path on the agent is absolute/,
    ],
  ])('%s', async (_, argv, message) => {
    const { code, stderr } = await dcvops('-i', file('hosts.yaml'), 'session', 'create', ...argv);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it.each([
    ['permissions-file', 'start.sh', /it has no \[permissions\] section/],
    ['init', 'no-script', /it has to begin with #!/],
    ['init', '.', /cannot be read \(EISDIR\)/],
  ] as const)('a file of this machine that cannot be --%s: %s', async (kind, name, message) => {
    await expect(readSessionFile(kind, file(name))).rejects.toThrow(message);
  });
});

describe('wantedSessions', () => {
  async function wanted(names: 'all' | readonly string[], flags: CreateFlags): Promise<unknown[]> {
    const files = [
      { kind: 'permissions-file', typed: flags.permissionsFile },
      { kind: 'init', typed: flags.init },
    ] as const;
    const sessions = await wantedSessions(
      await parse(changed(', key: ~/.ssh/tom.pem', '')),
      names === 'all' ? 'all' : names.map(parseSessionName),
      flags,
      await Promise.all(
        files.flatMap(({ kind, typed }) =>
          typed === undefined ? [] : [readSessionFile(kind, typed).then((one) => ({ kind, file: one }))],
        ),
      ),
    );
    return sessions.map(({ agent, session, files: placed = [], sources, command }) => ({
      agent: agent.name,
      id: session.id,
      paths: [session.permissionsFile, session.init],
      placed: placed.map(({ path: target, mode, content }) => `${mode} ${target} ${content.length}`),
      sources,
      again: [command.id, ...command.options],
    }));
  }
  const PLAIN = { paths: [undefined, undefined], placed: [], sources: [] };

  it('are one on each agent, with the inventory’s id', async () => {
    expect(await wanted('all', {})).toEqual([
      { agent: 'agent1', id: 'desktop-session', ...PLAIN, again: [undefined] },
      { agent: 'agent2', id: 'desktop-session', ...PLAIN, again: [undefined] },
    ]);
  });

  it('are as many as are counted, each of which can be created again alone', async () => {
    expect(await wanted(['agent2'], { count: 2, owner: 'jane', wait: true })).toEqual([
      {
        agent: 'agent2',
        id: 'desktop-session-1',
        ...PLAIN,
        again: ['desktop-session-1', '--owner=jane', '--wait'],
      },
      {
        agent: 'agent2',
        id: 'desktop-session-2',
        ...PLAIN,
        again: ['desktop-session-2', '--owner=jane', '--wait'],
      },
    ]);
  });

  it('are each wanted once, however often they are named', async () => {
    const named = await wanted(['agent2', '@gpu', 'agent1/desktop-session', 'agent1/other'], {});
    expect(named).toMatchObject([
      { agent: 'agent2', id: 'desktop-session' },
      { agent: 'agent1', id: 'desktop-session' },
      { agent: 'agent1', id: 'other' },
    ]);
  });

  it('bring files of this machine along, each with the mode that its reader needs', async () => {
    const [session] = await wanted(['agent1'], { permissionsFile: file('own.perm'), init: file('start.sh') });
    expect(session).toMatchObject({
      paths: [
        '/etc/dcvops/session-files/desktop-session.perm',
        '/etc/dcvops/session-files/desktop-session.init',
      ],
      placed: [
        '644 /etc/dcvops/session-files/desktop-session.perm 36',
        '755 /etc/dcvops/session-files/desktop-session.init 21',
      ],
      sources: [
        `${file('own.perm')} as /etc/dcvops/session-files/desktop-session.perm`,
        `${file('start.sh')} as /etc/dcvops/session-files/desktop-session.init`,
      ],
    });
  });

  it('take a path on the agent where there is no such file here, or when it is said', async () => {
    const [session] = await wanted(['agent1'], {
      permissionsFile: '/no/such/own.perm',
      init: `agent:${file('start.sh')}`,
    });
    expect(session).toMatchObject({
      paths: ['/no/such/own.perm', file('start.sh')],
      placed: [],
      sources: ['/no/such/own.perm of the agent', `${file('start.sh')} of the agent`],
      again: [undefined, '--permissions-file=agent:/no/such/own.perm', `--init=agent:${file('start.sh')}`],
    });
  });
});
