import { hostInit } from './host/cgroup.ts';
import { insideHost, systemState } from './host/power.ts';
import { readForward } from './forward.ts';
import { labPaths } from './paths.ts';
import type { LabHost } from './plan.ts';
import { readState } from './state.ts';

export interface HostStatus {
  readonly host: LabHost;
  /** `off`, or what systemd says of itself: `running`, `starting`, `degraded`, … */
  readonly state: string;
  readonly failedUnits: readonly string[];
}

export interface LabStatus {
  readonly name: string;
  readonly hosts: readonly HostStatus[];
  /** The loopback port the gateway is published on. */
  readonly forwardedPort: number | undefined;
}

/** What a lab does now, or undefined when it is not up. */
export async function labStatus(lab: string): Promise<LabStatus | undefined> {
  const state = readState(lab);
  if (state === undefined) return undefined;
  const hosts = await Promise.all(state.hosts.map((host) => hostStatus(lab, host)));
  return { name: lab, hosts, forwardedPort: readForward(lab)?.port };
}

async function hostStatus(lab: string, host: LabHost): Promise<HostStatus> {
  const init = hostInit(lab, host.name);
  if (init === undefined) return { host, state: 'off', failedUnits: [] };
  const state = await systemState(init);
  const listFailed = ['systemctl', 'list-units', '--failed', '--plain', '--no-legend'];
  const failed = await insideHost(init, listFailed, { signal: AbortSignal.timeout(5_000) });
  const failedUnits = failed.stdout
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter(Boolean);
  return { host, state, failedUnits };
}

/** The status as lines for a person. */
export function statusLines(status: LabStatus): string[] {
  const { directory, inventory } = labPaths(status.name);
  const width = Math.max(...status.hosts.map(({ host }) => host.name.length));
  return [
    `lab "${status.name}"  ${directory}`,
    ...status.hosts.map(({ host, state, failedUnits }) => {
      const units = failedUnits.length === 0 ? '' : `  failed: ${failedUnits.join(', ')}`;
      return `  ${host.name.padEnd(width)}  ${`${host.address}:${host.sshPort}`.padEnd(20)}  ${state}${units}`;
    }),
    `  inventory  ${inventory}`,
    ...(status.forwardedPort === undefined
      ? []
      : [`  published  https://127.0.0.1:${status.forwardedPort}/`]),
  ];
}
