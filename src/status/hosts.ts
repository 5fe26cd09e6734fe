import type { DiskFacts } from '../doctor/facts/system.ts';
import type { AgentHost, Host } from '../inventory/types.ts';
import { problemsOfAgent, problemsOfProxy } from './problems.ts';
import type {
  AgentFigures,
  AgentStatus,
  GatewaySight,
  HostStatus,
  Level,
  PathStatus,
  Problem,
  ProxyFigures,
  ProxyStatus,
  Reading,
  SystemFigures,
} from './types.ts';

/** A proxy's line. Pure. */
export function proxyStatus(
  host: Pick<Host, 'name' | 'host'>,
  reading: Reading<ProxyFigures>,
  sight: GatewaySight,
  now: Date,
): ProxyStatus {
  const figures = reading.ok ? reading.figures : undefined;
  const onDisk = figures?.file?.releaseId;
  const served = sight.way === 'none' ? undefined : sight.releaseId;
  const certificateDays = sight.way === 'none' ? undefined : daysUntil(sight.certificateEnds, now);
  return {
    ...{ name: host.name, role: 'proxy', address: host.host },
    ...withLevel(problemsOfProxy(host.name, reading, sight, certificateDays)),
    nginx: figures?.nginx,
    release: figures === undefined ? served : onDisk,
    live: onDisk === undefined ? undefined : onDisk === served,
    connections: figures?.connections,
    clients: figures?.clients,
    certificateDays,
    way: sight.way,
    elapsedMs: sight.way === 'none' ? undefined : sight.elapsedMs,
    ...systemOf(figures),
  };
}

/**
 * An agent's line. Pure.
 * @param paths through each gateway that could be asked
 * @param downOn the proxies on which it is marked down
 */
export function agentStatus(
  host: Pick<AgentHost, 'name' | 'host' | 'state' | 'sessions'>,
  reading: Reading<AgentFigures>,
  paths: readonly PathStatus[],
  downOn: readonly string[],
): AgentStatus {
  const figures = reading.ok ? reading.figures : undefined;
  return {
    ...{ name: host.name, role: 'agent', address: host.host },
    ...withLevel(problemsOfAgent(host, reading, paths, downOn)),
    state: host.state,
    downOn,
    dcvserver: stateOf(figures),
    sessions: figures?.sessions?.length,
    connected: connectedTo(figures?.sessions),
    paths,
    ...systemOf(figures),
  };
}

/** Errors first, then warnings, then the rest, each in the order they were given. Pure. */
export function problemsFirst(hosts: readonly HostStatus[]): HostStatus[] {
  const levels: readonly Level[] = ['error', 'warning', 'fine'];
  return levels.flatMap((level) => hosts.filter((host) => host.level === level));
}

/**
 * What became different between two rounds, in words: problems that are new, and hosts that are fine again. Figures that
 * come and go within the same problem are none. Pure.
 */
export function changesBetween(before: readonly HostStatus[], after: readonly HostStatus[]): string[] {
  return after.flatMap((now) => {
    const earlier = before.find(({ name }) => name === now.name);
    if (earlier === undefined) return [];
    if (now.level === 'fine') return earlier.level === 'fine' ? [] : [`${now.name} is fine again`];
    const known = new Set(earlier.problems.map(({ kind }) => kind));
    return now.problems
      .filter(({ kind }) => !known.has(kind))
      .map(({ message }) => `${now.name}: ${message}`);
  });
}

function withLevel(problems: readonly Problem[]): Pick<HostStatus, 'level' | 'problems'> {
  return { level: problems[0]?.level ?? 'fine', problems };
}

function daysUntil(end: Date, now: Date): number {
  return Math.floor((end.getTime() - now.getTime()) / 86_400_000);
}

/** A dcv that answers has a server that runs, whatever systemd knows of it. */
function stateOf(figures: AgentFigures | undefined): AgentStatus['dcvserver'] {
  return figures?.sessions === undefined ? figures?.service : 'active';
}

/** A dcv that tells no JSON does not tell who is connected. */
function connectedTo(sessions: AgentFigures['sessions']): number | undefined {
  const counts = sessions?.map(({ connections }) => connections);
  if (counts === undefined || counts.includes(undefined)) return undefined;
  return counts.reduce<number>((sum, count = 0) => sum + count, 0);
}

function systemOf(
  figures: SystemFigures | undefined,
): Pick<HostStatus, 'load' | 'memoryUsedPercent' | 'disk'> {
  return {
    load: figures?.load,
    memoryUsedPercent: figures?.memoryUsedPercent,
    disk: fullest(figures?.disks ?? []),
  };
}

function fullest(disks: readonly DiskFacts[]): HostStatus['disk'] {
  const [first] = disks.toSorted((one, other) => other.usedPercent - one.usedPercent);
  return first === undefined ? undefined : { mount: first.mount, usedPercent: first.usedPercent };
}
