import fs from 'node:fs';
import path from 'node:path';
import { attempt, run } from './command.ts';
import { isMounted } from './mounts.ts';
import { hostPaths, labPaths } from './paths.ts';
import { LAB_NETWORKS, type LabHost, LARGEST_LAB, OPERATOR_ADDRESSES, planHosts } from './plan.ts';

const BRIDGE = 'lab0';

/** The command line that runs a program in a network namespace given as a file. */
export function inNetwork(network: string, argv: readonly string[]): string[] {
  return ['nsenter', `--net=${network}`, '--', ...argv];
}

/** Makes the operator's network: a bridge that the hosts' cables go into, with the operator's addresses on it. */
export async function makeOperatorNetwork(lab: string): Promise<void> {
  const network = labPaths(lab).operatorNetwork;
  await makeNamespace(network);
  await ip(network, [
    'link set lo up',
    `link add ${BRIDGE} address ${macOf(OPERATOR)} type bridge`,
    ...OPERATOR_ADDRESSES.map((address) => `addr add ${address} dev ${BRIDGE}`),
    `link set ${BRIDGE} up`,
    ...neighbours(BRIDGE),
  ]);
}

/** Plugs a host in: its own namespace, a cable to the bridge, its address, and the other network on the same cable. */
export async function plugIn(lab: string, host: LabHost): Promise<void> {
  const operator = labPaths(lab).operatorNetwork;
  const network = hostPaths(lab, host.name).network;
  await unplug(lab, host.name);
  await makeNamespace(network);
  await ip(operator, [
    `link add ${host.name} type veth peer name host0 address ${macOf(host.address)} netns ${network}`,
    `link set ${host.name} master ${BRIDGE} up`,
  ]);
  const own = host.role === 'proxy' ? LAB_NETWORKS.proxies : LAB_NETWORKS.agents;
  const other = host.role === 'proxy' ? LAB_NETWORKS.agents : LAB_NETWORKS.proxies;
  await ip(network, [
    'link set lo up',
    `addr add ${host.address}/${own.split('/')[1] ?? ''} dev host0`,
    'link set host0 up',
    `route add ${other} dev host0`,
    ...neighbours('host0'),
  ]);
}

/**
 * Everybody knows everybody's hardware address beforehand, so that a host that is down is silence, as it is behind a
 * router; asking for the address would end in "no route to host" after three seconds.
 */
function neighbours(device: string): string[] {
  const hosts = planHosts(LARGEST_LAB).map((host) => host.address);
  const operator = OPERATOR_ADDRESSES.map((address) => address.split('/')[0] ?? '');
  return [
    ...hosts.map(
      (address) => `neigh replace ${address} lladdr ${macOf(address)} nud permanent dev ${device}`,
    ),
    ...operator.map(
      (address) => `neigh replace ${address} lladdr ${macOf(OPERATOR)} nud permanent dev ${device}`,
    ),
  ];
}

const OPERATOR = '10.213.0.10';

/** The hardware address that goes with an address, the same whenever a host is plugged in. */
function macOf(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '00', ...bytes].join(':');
}

export function isPluggedIn(lab: string, host: string): boolean {
  return isMounted(hostPaths(lab, host).network);
}

async function unplug(lab: string, host: string): Promise<void> {
  if (!isPluggedIn(lab, host)) return;
  const network = hostPaths(lab, host).network;
  await attempt(inNetwork(labPaths(lab).operatorNetwork, ['ip', 'link', 'del', host]));
  await attempt(['umount', network]);
}

/** Pulls the host's cable, or plugs it back in: packets are lost in silence. */
export async function setCable(lab: string, host: string, plugged: boolean): Promise<void> {
  await ip(labPaths(lab).operatorNetwork, [`link set ${host} ${plugged ? 'up' : 'down'}`]);
}

/** Pids of the processes that run in a network namespace. */
export function processesIn(network: string): number[] {
  const inode = inodeOf(network);
  if (inode === undefined) return [];
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => inodeOf(`/proc/${pid}/ns/net`) === inode);
}

function inodeOf(file: string): number | undefined {
  try {
    return fs.statSync(file).ino;
  } catch {
    return undefined;
  }
}

/** `unshare` keeps the new namespace as a mount on the file, below the lab's own mount. */
async function makeNamespace(network: string): Promise<void> {
  fs.mkdirSync(path.dirname(network), { recursive: true });
  fs.writeFileSync(network, '');
  await run(['unshare', `--net=${network}`, 'true']);
}

async function ip(network: string, lines: readonly string[]): Promise<void> {
  await run(inNetwork(network, ['ip', '-batch', '-']), { input: lines.map((line) => `${line}\n`).join('') });
}
