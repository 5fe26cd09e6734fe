import { run } from '../command.ts';
import { inNetwork } from '../network.ts';
import { hostPaths } from '../paths.ts';

const TABLE = 'inet dcvops_lab';

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

async function nft(lab: string, host: string, lines: readonly string[]): Promise<void> {
  const input = lines.map((line) => `${line}\n`).join('');
  await run(inNetwork(hostPaths(lab, host).network, ['nft', '-f', '-']), { input });
}
