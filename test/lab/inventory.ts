import fs from 'node:fs';
import path from 'node:path';
import { type Document, parseDocument, isSeq } from 'yaml';
import { knownHostsLines } from './host/lay.ts';
import { labPaths, REPOSITORY } from './paths.ts';
import type { LabHost } from './plan.ts';
import type { LabState } from './state.ts';

/** The inventory of the lab that `up` makes when nothing is said: the template of every lab's own. */
const TEMPLATE = path.join(REPOSITORY, 'inventory', 'lab.yaml');

/** Writes the lab's inventory and known_hosts beside its key. */
export function writeInventory(state: LabState): void {
  const paths = labPaths(state.name);
  const lines = state.hosts.flatMap((host) => knownHostsLines(state.name, host));
  fs.writeFileSync(paths.knownHosts, lines.map((line) => `${line}\n`).join(''));
  fs.writeFileSync(paths.inventory, inventoryOf(state.hosts, fs.readFileSync(TEMPLATE, 'utf8')));
}

/** The template with the lab's hosts in it; hosts that the template has already are left as they stand there. */
export function inventoryOf(hosts: readonly LabHost[], template: string): string {
  const document = parseDocument(template);
  setHosts(
    document,
    'proxies',
    hosts.filter((host) => host.role === 'proxy'),
  );
  setHosts(
    document,
    'agents',
    hosts.filter((host) => host.role === 'agent'),
  );
  return document.toString({ lineWidth: 110 });
}

function setHosts(document: Document, key: string, hosts: readonly LabHost[]): void {
  const list = document.get(key);
  if (!isSeq(list)) throw new Error(`${TEMPLATE}: "${key}" is not a list`);
  list.items.length = Math.min(list.items.length, hosts.length);
  for (const host of hosts.slice(list.items.length)) {
    const ssh = host.sshPort === 22 ? {} : { ssh: { port: host.sshPort } };
    const item = document.createNode({ name: host.name, host: host.address, ...ssh }, { flow: true });
    list.add(item);
  }
}
