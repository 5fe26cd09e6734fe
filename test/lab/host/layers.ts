import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../command.ts';
import type { Image, Layer } from '../image/image.ts';
import { labFile, labPaths } from '../paths.ts';
import type { LabHost } from '../plan.ts';

/** What a host's root is stacked from. */
export interface HostLayers {
  /** Names below the lab's `layers` directory, the topmost first, as overlayfs wants them. */
  readonly stack: readonly string[];
  /** The apt repository the host has. */
  readonly packages: string;
}

/** Gives each host's layers; installs the DCV stand-in as it is in the repository now, once for all agents. */
export async function prepareLayers(lab: string, image: Image): Promise<(host: LabHost) => HostLayers> {
  const { layers } = labPaths(lab);
  fs.mkdirSync(layers, { recursive: true });
  const base = link(layers, image.base);
  const nginx = link(layers, image.nginx);
  const agent = link(layers, image.agent);
  const standin = await installStandin(layers, [agent, base]);
  return (host) =>
    host.role === 'agent'
      ? { stack: [standin, agent, base], packages: image.agent.packages }
      : { stack: host.nginx ? [nginx, base] : [base], packages: image.nginx.packages };
}

/** Links to a layer under its own name, recipe included: hosts that run keep what they were laid on. */
function link(layers: string, layer: Layer): string {
  const name = path.basename(path.dirname(layer.root));
  if (!fs.existsSync(path.join(layers, name))) fs.symlinkSync(layer.root, path.join(layers, name));
  return name;
}

/** The layer is named by the stand-in's files: an edit makes another one, for hosts that are laid from then on. */
async function installStandin(layers: string, below: readonly string[]): Promise<string> {
  const source = labFile('dcv-standin');
  const name = `standin-${hashOf(source)}`;
  if (!fs.existsSync(path.join(layers, name))) {
    await run([
      ...['unshare', '--mount', '--propagation', 'private'],
      ...['sh', labFile('host', 'install-standin.sh'), layers, below.join(':'), name],
      path.join(source, 'install.sh'),
    ]);
  }
  return name;
}

function hashOf(directory: string): string {
  const hash = createHash('sha256');
  for (const entry of fs.readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(directory, entry);
    const status = fs.statSync(file);
    hash.update(`${entry} ${status.mode}\n`);
    if (status.isFile()) hash.update(fs.readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}
