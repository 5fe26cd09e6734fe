import { describe, expect, it } from 'vitest';
import { changesBetween, problemsFirst } from '../../../src/status/hosts.ts';
import type { AgentFigures, HostStatus, Level, ProxyFigures } from '../../../src/status/types.ts';
import {
  UNREACHABLE,
  agentFigures,
  agentLine,
  disk,
  path,
  proxyFigures,
  proxyLine,
  session,
  sight,
} from './hosts.ts';

const silent = { way: 'none', reason: 'connection refused' } as const;
const inDays = (days: number): { certificateEnds: Date } => ({
  certificateEnds: new Date(Date.UTC(2026, 10, 25 + days, 13)),
});

/** "error service: message → next", a line each. */
function told({ problems }: HostStatus): string[] {
  return problems.map(({ kind, level, message, next }) => `${level} ${kind}: ${message} → ${next}`);
}

// Whoever looks at night types what the line says: a wrong command, or none, costs them the night.
describe('a proxy', () => {
  it('that is well has no problem', () => {
    expect(proxyLine()).toEqual({
      name: 'gateway',
      role: 'proxy',
      address: '10.213.66.188',
      level: 'fine',
      problems: [],
      nginx: 'active',
      release: '5de63378e849',
      live: true,
      connections: 12,
      clients: 3,
      certificateDays: 365,
      way: 'direct',
      elapsedMs: 4,
      load: 0.25,
      memoryUsedPercent: 12,
      disk: { mount: '/', usedPercent: 40 },
    });
  });

  it.each<[string, Partial<ProxyFigures>, ReturnType<typeof sight>, string[]]>([
    [
      'is stopped',
      { nginx: 'stopped' },
      silent,
      ['error service: nginx is stopped → dcvops service start gateway'],
    ],
    ['failed', { nginx: 'failed' }, silent, ['error service: nginx has failed → dcvops doctor gateway']],
    [
      'has no nginx',
      { nginx: 'absent', file: undefined },
      silent,
      ['error service: nginx is not installed → dcvops deploy gateway --prepare-host'],
    ],
    [
      'starts',
      { nginx: 'starting' },
      silent,
      ['warning service: nginx is starting → dcvops service status gateway'],
    ],
    [
      'has no gateway',
      { file: undefined },
      silent,
      ['error release: no gateway is deployed → dcvops deploy gateway'],
    ],
    [
      'has somebody else’s file',
      { file: { releaseId: undefined } },
      sight(),
      ['error release: the gateway’s file is not one of dcvops → dcvops doctor gateway'],
    ],
    [
      'does not answer',
      {},
      silent,
      ['error gateway: the gateway does not answer: connection refused → dcvops doctor gateway'],
    ],
    [
      'is not what answers',
      {},
      sight({ releaseId: undefined }),
      ['error gateway: something else than the gateway answers → dcvops doctor gateway'],
    ],
    [
      'answers with an older release',
      {},
      sight({ releaseId: '0123456789ab' }),
      ['error release: release 5de63378e849 is not live: 0123456789ab answers → dcvops deploy gateway'],
    ],
    ['has a certificate for 31 days', {}, sight(inDays(31)), []],
    [
      'has one for 30',
      {},
      sight(inDays(30)),
      ['warning certificate: the certificate ends in 30 days → dcvops doctor gateway'],
    ],
    [
      'has one for a day',
      {},
      sight(inDays(1)),
      ['warning certificate: the certificate ends tomorrow → dcvops doctor gateway'],
    ],
    [
      'has one that ended an hour ago',
      {},
      sight({ certificateEnds: new Date('2026-11-25T11:00:00Z') }),
      ['error certificate: the certificate has expired → dcvops doctor gateway'],
    ],
  ])('%s', (_, figures, seen, problems) => {
    expect(told(proxyLine(proxyFigures(figures), seen))).toEqual(problems);
  });

  it('that SSH does not reach still tells what its gateway shows', () => {
    const line = proxyLine({ ...UNREACHABLE }, sight(inDays(3)));
    expect(line).toMatchObject({ level: 'error', nginx: undefined, live: undefined, certificateDays: 3 });
    expect(line.release).toBe('5de63378e849');
    expect(told(line)).toEqual([
      'error reach: no answer from 10.0.0.1:22 in 10 s → dcvops doctor gateway',
      'warning certificate: the certificate ends in 3 days → dcvops doctor gateway',
    ]);
  });
});

describe('an agent', () => {
  const broken = path({ ok: false, detail: '502: the agent refuses the connection' });

  it('that is well has no problem', () => {
    expect(agentLine(agentFigures({ sessions: [session(1), session(2)] }))).toMatchObject({
      level: 'fine',
      problems: [],
      dcvserver: 'active',
      sessions: 2,
      connected: 3,
    });
  });

  it.each<[string, Partial<AgentFigures>, ReturnType<typeof path>[], string[]]>([
    [
      'is stopped, and the broken way merely follows',
      { service: 'stopped', sessions: undefined, silence: 'The dcvserver service is not running' },
      [broken],
      ['error service: dcvserver is stopped → dcvops service start agent1'],
    ],
    [
      'starts',
      { service: 'starting', sessions: undefined },
      [broken],
      ['warning service: dcvserver is starting → dcvops service status agent1'],
    ],
    [
      'has no DCV',
      { installed: false, service: 'absent', sessions: undefined },
      [broken],
      ['error service: DCV is not installed → dcvops doctor agent1'],
    ],
    [
      'has no unit',
      { service: 'absent', sessions: undefined },
      [],
      ['error service: there is no dcvserver.service → dcvops doctor agent1'],
    ],
    [
      'hangs',
      { sessions: undefined, silence: 'no answer in 10 s' },
      [],
      ['error service: dcv does not answer: no answer in 10 s → dcvops doctor agent1'],
    ],
    [
      'is not reached',
      {},
      [path(), { ...broken, proxy: 'gateway2' }],
      [
        'error path: not reached through gateway2: 502: the agent refuses the connection → dcvops doctor agent1',
      ],
    ],
    [
      'has no session',
      { sessions: [] },
      [path()],
      ['warning sessions: no session → dcvops session create agent1'],
    ],
    [
      'has a full disk, and memory',
      { disks: [disk('/', 91), disk('/home', 99)], memoryUsedPercent: 96 },
      [path()],
      [
        'error disk: /home (/dev/sda1) is 99 % full, 512 MB are left → dcvops doctor agent1',
        'warning disk: / (/dev/sda1) is 91 % full, 4.61 GB are left → dcvops doctor agent1',
        'warning memory: 96 % of the memory is used → dcvops exec agent1 -- ps aux --sort=-rss',
      ],
    ],
    ['has nearly no room left', { disks: [disk('/', 89)], memoryUsedPercent: 95 }, [path()], []],
    [
      'has a home whose server is gone',
      { silentFolders: ['/home'] },
      [path()],
      ['error disk: /home does not answer → dcvops doctor agent1'],
    ],
  ])('%s', (_, figures, paths, problems) => {
    expect(told(agentLine(agentFigures(figures), paths))).toEqual(problems);
  });

  it('is reported with the way out that SSH knows', () => {
    const line = agentLine({ ...UNREACHABLE, code: 'host-key', hint: 'dcvops trust agent1' }, [path()]);
    expect(told(line)).toEqual(['error reach: no answer from 10.0.0.1:22 in 10 s → dcvops trust agent1']);
    expect(line).toMatchObject({ dcvserver: undefined, sessions: undefined, connected: undefined });
  });

  it('whose sessions are declared gets those back', () => {
    const sessions = [{ id: 'jane', type: 'virtual', user: 'jane', owner: 'jane' }] as const;
    const line = agentLine(agentFigures({ sessions: [] }), [path()], 'agent1', { sessions });
    expect(told(line)).toEqual(['warning sessions: no session → dcvops session restore agent1']);
  });

  it('that is marked down is told as such, whether it answers or not', () => {
    const marks = { downOn: ['gateway', 'gateway2'] };
    const line = agentLine(agentFigures(), [path()], 'agent1', marks);
    expect(line.downOn).toEqual(marks.downOn);
    expect(told(line)).toEqual([
      'warning down: marked down on gateway, gateway2: the default route passes it by → dcvops health apply gateway gateway2',
    ]);
    const unread = agentLine({ ...UNREACHABLE }, [broken], 'agent1', marks);
    expect(unread.problems.map(({ kind }) => kind)).toEqual(['reach', 'path', 'down']);
  });

  it.each(['draining', 'maintenance'] as const)('that is %s on purpose has no problem', (state) => {
    expect(agentLine(agentFigures(), [path()], 'agent1', { state })).toMatchObject({ level: 'fine', state });
  });

  it('does not tell how many are connected where one session does not tell', () => {
    const line = agentLine(agentFigures({ sessions: [session(1), session()] }));
    expect(line).toMatchObject({ sessions: 2, connected: undefined });
  });

  it('shows its fullest disk', () => {
    const line = agentLine(agentFigures({ disks: [disk('/', 40), disk('/home', 70), disk('/tmp', 2)] }));
    expect(line.disk).toEqual({ mount: '/home', usedPercent: 70 });
  });
});

function host(name: string, level: Level, ...kinds: string[]): HostStatus {
  const problems = kinds.map((kind) => ({
    ...({ kind, level: 'error', message: `${kind} broke`, next: '' } as const),
  }));
  return { ...agentLine(undefined, undefined, name), level, problems };
}

describe('order and changes', () => {
  it('puts errors before warnings before the rest, and leaves the inventory’s order otherwise', () => {
    const hosts = [
      host('a', 'fine'),
      host('b', 'warning'),
      host('c', 'error'),
      host('d', 'warning'),
      host('e', 'error'),
      host('f', 'fine'),
    ];
    expect(problemsFirst(hosts).map(({ name }) => name)).toEqual(['c', 'e', 'b', 'd', 'a', 'f']);
  });

  it.each<[string, HostStatus[], HostStatus[], string[]]>([
    ['nothing', [host('a', 'error', 'path')], [host('a', 'error', 'path')], []],
    ['a new problem', [host('a', 'fine')], [host('a', 'error', 'path')], ['a: path broke']],
    [
      'another one beside it',
      [host('a', 'error', 'path')],
      [host('a', 'error', 'path', 'disk')],
      ['a: disk broke'],
    ],
    ['the end of it', [host('a', 'error', 'path')], [host('a', 'fine')], ['a is fine again']],
    ['a host that was not there', [], [host('a', 'error', 'path')], []],
  ])('tells %s', (_, before, after, changes) => {
    expect(changesBetween(before, after)).toEqual(changes);
  });
});
