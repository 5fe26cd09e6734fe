import { parseSessions } from '../../../src/dcv/session/parse.ts';
import type { DcvSession } from '../../../src/dcv/types.ts';
import type { DiskFacts } from '../../../src/doctor/facts/system.ts';
import type { AgentState, DeclaredSession } from '../../../src/inventory/types.ts';
import { agentStatus, proxyStatus } from '../../../src/status/hosts.ts';
import type {
  AgentFigures,
  AgentStatus,
  GatewaySight,
  PathStatus,
  ProxyFigures,
  ProxyStatus,
  Reading,
} from '../../../src/status/types.ts';

/* A fleet in which nothing is wrong, and ways to break it. */

export const NOW = new Date('2026-11-25T12:00:00Z');
export const RELEASE = '5de63378e849';

export function disk(mount: string, usedPercent: number): DiskFacts {
  const sizeKiB = 50_000_000;
  return {
    ...{ mount, device: '/dev/sda1', folders: [mount], sizeKiB, usedPercent },
    availableKiB: Math.round((sizeKiB * (100 - usedPercent)) / 100),
  };
}

const SYSTEM = { load: 0.25, memoryUsedPercent: 12, disks: [disk('/', 40)], silentFolders: [] };

export function proxyFigures(changes: Partial<ProxyFigures> = {}): Reading<ProxyFigures> {
  const figures = {
    nginx: 'active',
    file: { releaseId: RELEASE },
    connections: 12,
    clients: 3,
    down: [],
  } as const;
  return { ok: true, figures: { ...SYSTEM, ...figures, ...changes } };
}

export function session(connections?: number): DcvSession {
  const [parsed] = parseSessions(JSON.stringify([{ id: 'desk', 'num-of-connections': connections }]));
  if (parsed === undefined) throw new Error('no session');
  return parsed;
}

export function agentFigures(changes: Partial<AgentFigures> = {}): Reading<AgentFigures> {
  const figures = { installed: true, service: 'active', sessions: [session(1)], silence: undefined } as const;
  return { ok: true, figures: { ...SYSTEM, ...figures, ...changes } };
}

export const UNREACHABLE = {
  ok: false,
  code: 'unreachable',
  message: 'no answer from 10.0.0.1:22 in 10 s',
  hint: undefined,
} as const satisfies Reading<never>;

export function sight(changes: Partial<Extract<GatewaySight, { elapsedMs: number }>> = {}): GatewaySight {
  return {
    ...{ way: 'direct', elapsedMs: 4, releaseId: RELEASE },
    certificateEnds: new Date('2027-11-25T12:00:00Z'),
    ...changes,
  };
}

export function path(changes: Partial<PathStatus> = {}): PathStatus {
  return { proxy: 'gateway', way: 'direct', ok: true, detail: '200 from DCV', elapsedMs: 12, ...changes };
}

export function proxyLine(
  reading = proxyFigures(),
  seen: GatewaySight = sight(),
  name = 'gateway',
): ProxyStatus {
  return proxyStatus({ name, host: '10.213.66.188' }, reading, seen, NOW);
}

export function agentLine(
  reading = agentFigures(),
  paths = [path()],
  name = 'agent1',
  marks: {
    readonly state?: AgentState;
    readonly downOn?: readonly string[];
    readonly sessions?: readonly DeclaredSession[];
  } = {},
): AgentStatus {
  const { state = 'in-service', downOn = [], ...declared } = marks;
  return agentStatus({ name, host: '10.150.248.180', state, ...declared }, reading, paths, downOn);
}
