import { run } from '../command.ts';
import { inNetwork } from '../network.ts';
import { hostPaths } from '../paths.ts';

const TABLE = 'inet dcvops_lab';
const LOST_TABLE = 'inet dcvops_lab_lost';

/**
 * Drops what comes to a host's port over its cable, as a cloud's firewall does: the host itself still reaches the port,
 * and who comes from outside waits in vain. Connections that exist are cut off as well.
 */
export async function closePort(lab: string, host: string, port: number): Promise<void> {
  await nft(lab, host, [
    `add table ${TABLE}`,
    `add chain ${TABLE} input { type filter hook input priority -10; }`,
    `add rule ${TABLE} input iifname host0 tcp dport ${port} drop`,
  ]);
}

/** Opens all ports that were closed. */
export async function openPorts(lab: string, host: string): Promise<void> {
  await nft(lab, host, [`add table ${TABLE}`, `delete table ${TABLE}`]);
}

/**
 * Loses in silence whatever belongs to the connections that are open to a host's port now; new ones are not touched.
 * @returns what takes that back
 */
export async function loseConnections(lab: string, host: string, port: number): Promise<() => Promise<void>> {
  const network = hostPaths(lab, host).network;
  const open = await run(inNetwork(network, ['ss', '-Htn', 'state', 'established', `sport = :${port}`]));
  const clients = [...open.matchAll(/(\d+\.\d+\.\d+\.\d+)\]?:(\d+)\s*$/gm)];
  if (clients.length === 0) throw new Error(`nobody is connected to port ${port} of ${host}`);
  await nft(lab, host, [
    `add table ${LOST_TABLE}`,
    `add chain ${LOST_TABLE} input { type filter hook input priority -10; }`,
    `add chain ${LOST_TABLE} output { type filter hook output priority -10; }`,
    ...clients.flatMap(([, address = '', from = '']) => [
      `add rule ${LOST_TABLE} input ip saddr ${address} tcp sport ${from} drop`,
      `add rule ${LOST_TABLE} output ip daddr ${address} tcp dport ${from} drop`,
    ]),
  ]);
  return () => nft(lab, host, [`add table ${LOST_TABLE}`, `delete table ${LOST_TABLE}`]);
}

async function nft(lab: string, host: string, lines: readonly string[]): Promise<void> {
  const input = lines.map((line) => `${line}\n`).join('');
  await run(inNetwork(hostPaths(lab, host).network, ['nft', '-f', '-']), { input });
}
