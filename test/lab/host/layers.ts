import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../command.ts';
import type { Image } from '../image/image.ts';
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
  for (const name of ['base', 'nginx', 'agent'] as const) {
    fs.rmSync(path.join(layers, name), { force: true });
    fs.symlinkSync(image[name].root, path.join(layers, name));
  }
  const standin = await installStandin(layers);
  return (host) =>
    host.role === 'agent'
      ? { stack: [standin, 'agent', 'base'], packages: image.agent.packages }
      : { stack: host.nginx ? ['nginx', 'base'] : ['base'], packages: image.nginx.packages };
}

/** The layer is named by the stand-in's files: an edit makes another one, hosts that run keep theirs. */
async function installStandin(layers: string): Promise<string> {
  const source = labFile('dcv-standin');
  const name = `standin-${hashOf(source)}`;
  if (!fs.existsSync(path.join(layers, name))) {
    await run([
      ...['unshare', '--mount', '--propagation', 'private'],
      ...['sh', labFile('host', 'install-standin.sh'), layers, 'agent:base', name],
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
