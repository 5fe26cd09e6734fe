import { LabError } from './lab-error.ts';

/** A host of a lab, as planned. */
export interface LabHost {
  readonly name: string;
  readonly role: 'proxy' | 'agent';
  readonly address: string;
  readonly sshPort: number;
  /** Whether nginx is installed: a bare proxy has none. */
  readonly nginx: boolean;
}

export interface LabRequest {
  readonly proxies: number;
  readonly agents: number;
  readonly bareProxy: boolean;
}

/** The lab that `up` makes when nothing is said. */
export const SMALL_LAB: LabRequest = { proxies: 1, agents: 2, bareProxy: false };

/** The operator's side: one address in each network, so that it reaches everything and everything reaches it. */
export const OPERATOR_ADDRESSES = ['10.213.0.10/16', '10.150.248.1/24'] as const;

/** Networks that every host of the lab reaches directly: there is no router, hence no way out. */
export const LAB_NETWORKS = { proxies: '10.213.0.0/16', agents: '10.150.248.0/24' } as const;

/** The most there are addresses for. */
export const LARGEST_LAB: LabRequest = { proxies: 8, agents: 64, bareProxy: false };

/** The hosts of a lab: the mission's addresses first, more of the same kind after them. */
export function planHosts(request: LabRequest): LabHost[] {
  inRange('proxies', request.proxies, 1, LARGEST_LAB.proxies);
  inRange('agents', request.agents, 0, LARGEST_LAB.agents);
  const proxies = Array.from({ length: request.proxies }, (_, index): LabHost => ({
    name: index === 0 ? 'gateway' : `gateway${index + 1}`,
    role: 'proxy',
    address: `10.213.66.${188 + index}`,
    sshPort: 50000,
    nginx: !request.bareProxy,
  }));
  const agents = Array.from({ length: request.agents }, (_, index): LabHost => ({
    name: `agent${index + 1}`,
    role: 'agent',
    address: `10.150.248.${agentNumber(index)}`,
    sshPort: 22,
    nginx: false,
  }));
  return [...proxies, ...agents];
}

/** agent1 and agent2 have the mission's addresses; agent3 is .23, agent4 .24, … (below .136, so none is given twice). */
function agentNumber(index: number): number {
  return [180, 136][index] ?? 21 + index;
}

/** The host of that name or address. @throws LabError that lists those there are */
export function findHost<T extends LabHost>(hosts: readonly T[], wanted: string): T {
  const found = hosts.find((host) => host.name === wanted || host.address === wanted);
  if (found !== undefined) return found;
  throw new LabError(`No host "${wanted}" in the lab: ${hosts.map((host) => host.name).join(', ')}.`);
}

/** @throws LabError for a name that could not be part of a path, a cgroup and a host name. */
export function checkLabName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    throw new LabError(
      `"${name}" cannot be a lab's name.`,
      'Use up to 20 of a-z, 0-9 and -, a letter first.',
    );
  }
}

function inRange(what: string, count: number, least: number, most: number): void {
  if (!Number.isInteger(count) || count < least || count > most) {
    throw new LabError(`A lab has ${least} to ${most} ${what}, not ${count}.`);
  }
}
