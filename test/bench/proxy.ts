import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inventoryVariant } from '../lab/support/gateway.ts';
import type { TestLab } from '../lab/support/lab.ts';
import { type Rivals, prepareRivals } from './rivals.ts';

/** The lab's proxy with two inventories whose deploys undo each other: each deploy of the other one is a change. */
export interface BenchProxy {
  readonly inventories: readonly [string, string];
  /** The nginx files that they stand for, for the rivals. */
  readonly configurations: readonly [string, string];
  readonly rivals: Rivals;
}

/** A line through a relay on the operator's side, in place of the lab's own network. */
export interface Detour {
  readonly name: string;
  readonly host: string;
  readonly sshPort: number;
}

export async function prepareProxy(lab: TestLab, detour?: Detour): Promise<BenchProxy> {
  const name = detour?.name ?? 'straight';
  const directory = path.join(lab.directory, 'bench', name);
  mkdirSync(directory, { recursive: true });
  const knownHosts = detour === undefined ? lab.knownHosts : knownHostsFor(lab, detour, directory);
  const address =
    detour === undefined
      ? { host: '10.213.66.188', port: 50000 }
      : { host: detour.host, port: detour.sshPort };
  const reached = (text: string): string =>
    text
      .replace(
        'host: 10.213.66.188, ssh: { port: 50000 }',
        `host: ${address.host}, ssh: { port: ${address.port} }`,
      )
      .replace('known_hosts: known_hosts', `known_hosts: ${knownHosts}`);
  const variant = (access: string): Promise<string> =>
    inventoryVariant(lab, `bench-${name}-${access.replaceAll(/[^0-9]/g, '-')}`, (text) =>
      reached(text).replace('10.213.0.0/16', `10.213.0.0/16, ${access}`),
    );
  const inventories = [await variant('192.0.2.0/24'), await variant('198.51.100.0/24')] as const;
  const configuration = async (inventory: string): Promise<string> => {
    const file = path.join(directory, `${path.basename(inventory, '.yaml')}.conf`);
    writeFileSync(file, await renderedBy(lab, inventory));
    return file;
  };
  return {
    inventories,
    configurations: [await configuration(inventories[0]), await configuration(inventories[1])],
    rivals: prepareRivals(lab, directory, address, knownHosts),
  };
}

async function renderedBy(lab: TestLab, inventory: string): Promise<string> {
  const { code, stdout, stderr } = await lab.dcvops(['render', '-i', inventory]);
  if (code !== 0) throw new Error(`dcvops render failed: ${stderr}`);
  return stdout;
}

/** The proxy's keys under the detour's address. */
function knownHostsFor(lab: TestLab, { host, sshPort }: Detour, directory: string): string {
  const file = path.join(directory, 'known_hosts');
  const lines = readFileSync(lab.knownHosts, 'utf8').split('\n');
  const ours = lines.filter((line) => line.startsWith('[10.213.66.188]:50000 '));
  writeFileSync(file, ours.map((line) => `${line.replace(/^\S+/, `[${host}]:${sshPort}`)}\n`).join(''));
  return file;
}
