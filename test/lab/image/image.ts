import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { attempt, run } from '../command.ts';
import { LabError } from '../lab-error.ts';
import { withLock } from '../lock.ts';
import { mountsBelow } from '../mounts.ts';
import { imageDirectory, labFile, labPaths } from '../paths.ts';
import { labNames } from '../state.ts';

const SUITE = 'bookworm';

/** What a rented Debian host has, as far as dcvops meets it. */
const BASE_PACKAGES = [
  'ca-certificates',
  'dbus',
  'iproute2',
  'libpam-systemd',
  'logrotate',
  'openssh-server',
  'openssl',
  'procps',
  'python3',
  'sudo',
  'systemd-sysv',
];

/** The layers a host's root is stacked from: everything on the base. */
export type LayerName = 'base' | 'nginx' | 'agent';

export interface Layer {
  /** Directory of the layer's files: a whole root for the base, an overlay's upper directory for the others. */
  readonly root: string;
  /** The apt repository of what was installed on top of the base; hosts have it as /srv/lab-packages. */
  readonly packages: string;
}

export interface Image {
  readonly base: Layer;
  readonly nginx: Layer;
  readonly agent: Layer;
}

/**
 * Gives the image's layers, building those that are not cached or whose recipe has changed. One process on this machine
 * builds at a time, the others wait and find the work done.
 * @param tell told about what takes long
 */
export async function ensureImage(tell: (line: string) => void): Promise<Image> {
  const found = cached();
  if (found !== undefined) return found;
  return withLock(
    'image',
    () => {
      tell('another process builds the image; waiting for it');
    },
    async () => {
      refuseOverlay();
      await removeUnfinished();
      const base = await ensureLayer('base', tell);
      const nginx = await ensureLayer('nginx', tell);
      const agent = await ensureLayer('agent', tell);
      await removeOutdated();
      return { base, nginx, agent };
    },
  );
}

function cached(): Image | undefined {
  const [base, nginx, agent] = (['base', 'nginx', 'agent'] as const).map(layerDirectory);
  if (base === undefined || nginx === undefined || agent === undefined) return undefined;
  if (![base, nginx, agent].every((directory) => fs.existsSync(directory))) return undefined;
  const now = new Date();
  for (const directory of [base, nginx, agent]) fs.utimesSync(directory, now, now); // removeOutdated looks at it
  return { base: layerIn(base), nginx: layerIn(nginx), agent: layerIn(agent) };
}

function layerIn(directory: string): Layer {
  return { root: path.join(directory, 'root'), packages: path.join(directory, 'packages') };
}

/** A layer's directory is named by its recipe: another recipe is another directory. */
function layerDirectory(name: LayerName): string {
  return path.join(imageDirectory(), `${name}-${recipeHash(name)}`);
}

function recipeHash(name: LayerName): string {
  const recipe =
    name === 'base'
      ? [SUITE, process.arch, BASE_PACKAGES, fs.readFileSync(labFile('image', 'setup-base.sh'), 'utf8')]
      : [recipeHash('base'), packagesOf(name), fs.readFileSync(labFile('image', 'install-layer.sh'), 'utf8')];
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
}

function packagesOf(name: Exclude<LayerName, 'base'>): string[] {
  if (name === 'nginx') return ['nginx'];
  const list = fs.readFileSync(labFile('dcv-standin', 'packages.txt'), 'utf8');
  return list
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/** Builds in a directory of its own and renames it: what has the right name is whole. */
async function ensureLayer(name: LayerName, tell: (line: string) => void): Promise<Layer> {
  const directory = layerDirectory(name);
  if (fs.existsSync(directory)) return layerIn(directory);
  const started = Date.now();
  tell(`building the ${name} layer of the image (first time only)`);
  const work = path.join(imageDirectory(), `building-${process.pid}-${name}`);
  fs.mkdirSync(work, { recursive: true });
  if (name === 'base') await buildBase(work);
  else await buildOnBase(work, packagesOf(name));
  fs.renameSync(work, directory);
  tell(`${name} layer built in ${Math.round((Date.now() - started) / 1000)} s`);
  return layerIn(directory);
}

async function buildBase(work: string): Promise<void> {
  const root = path.join(work, 'root');
  const sources = await debianSources();
  const mirror = sources.find((source) => source.suite === SUITE)?.uri;
  // Without a Debian source on this machine, debootstrap takes the mirror it knows itself.
  await debootstrap(root, mirror);
  const used = fs.readFileSync(path.join(root, 'etc/apt/sources.list'), 'utf8');
  const keyring = path.join(imageDirectory(), `base-${recipeHash('base')}`, 'root', DEBIAN_KEYRING);
  fs.writeFileSync(path.join(work, 'sources.list'), sourcesList(sources, used, keyring));
  await run([
    ...['systemd-nspawn', '--quiet', '--register=no', '--keep-unit', '--private-network', '--pipe'],
    ...['--resolv-conf=off', '--timezone=off', `--machine=dcvops-lab.image.${process.pid}`],
    ...[`--directory=${root}`, `--bind-ro=${labFile('image', 'setup-base.sh')}:/mnt/setup`],
    ...['sh', '/mnt/setup'],
  ]);
  fs.rmSync(path.join(root, 'mnt/setup'), { force: true });
  fs.mkdirSync(path.join(work, 'packages'));
  await indexRepository(path.join(work, 'packages'));
}

const DEBIAN_KEYRING = 'usr/share/keyrings/debian-archive-keyring.gpg';

async function debootstrap(root: string, mirror: string | undefined): Promise<void> {
  // It ends with us: a build that was killed must not go on writing beside the next one.
  const result = await attempt([
    ...['setpriv', '--pdeathsig', 'KILL', 'debootstrap'],
    ...['--variant=minbase', `--include=${BASE_PACKAGES.join(',')}`, SUITE, root],
    ...(mirror === undefined ? [] : [mirror]),
  ]);
  if (result.code === 0) return;
  throw new LabError(
    `debootstrap cannot make Debian ${SUITE} (exit ${result.code}):\n${lastLines(result.stdout + result.stderr)}`,
    'The image needs a Debian mirror once; see /etc/apt/sources.list and your proxy settings.',
  );
}

interface DebianSource {
  readonly uri: string;
  readonly suite: string;
}

/** Where this machine gets Debian from, by its own apt: no mirror is written down here. */
async function debianSources(): Promise<DebianSource[]> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const { stdout } = await attempt(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  return stdout
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([uri = '', suite = '', component = '']) => {
      const isDebian = /\/debian(-security)?\/?$/.test(uri) && component === 'main';
      const isSuite = [SUITE, `${SUITE}-updates`, `${SUITE}-security`].includes(suite);
      return isDebian && isSuite ? [{ uri, suite }] : [];
    });
}

function sourcesList(sources: readonly DebianSource[], usedByDebootstrap: string, keyring: string): string {
  if (!sources.some((source) => source.suite === SUITE)) return usedByDebootstrap;
  return sources.map(({ uri, suite }) => `deb [signed-by=${keyring}] ${uri} ${suite} main\n`).join('');
}

/**
 * Downloads with this machine's apt (its proxies, its certificates) what the packages need on top of the base, and
 * installs it from there without a network: the same repository that the hosts have later.
 */
async function buildOnBase(work: string, packages: readonly string[]): Promise<void> {
  const base = layerDirectory('base');
  const repository = path.join(work, 'packages');
  await download(base, work, repository, packages);
  await indexRepository(repository);
  const script = labFile('image', 'install-layer.sh');
  const isolated = ['unshare', '--mount', '--propagation', 'private', 'sh', script];
  await run([...isolated, path.join(base, 'root'), work, repository, ...packages]);
}

async function download(
  base: string,
  work: string,
  repository: string,
  packages: readonly string[],
): Promise<void> {
  const apt = path.join(work, 'apt');
  for (const directory of ['lists/partial', 'archives/partial']) {
    fs.mkdirSync(path.join(apt, directory), { recursive: true });
  }
  const configuration = path.join(apt, 'apt.conf');
  fs.writeFileSync(
    configuration,
    [
      `#clear APT::Update::Post-Invoke-Success;`,
      `#clear APT::Update::Post-Invoke;`,
      `#clear APT::Architectures;`,
      `APT::Install-Recommends "false";`,
      `APT::Sandbox::User "root";`,
      `Acquire::Languages "none";`,
      `Dir::Etc::sourcelist "${path.join(base, 'sources.list')}";`,
      `Dir::Etc::sourceparts "/dev/null";`,
      `Dir::Etc::preferences "/dev/null";`,
      `Dir::Etc::preferencesparts "/dev/null";`,
      `Dir::State::lists "${path.join(apt, 'lists')}";`,
      `Dir::State::status "${path.join(base, 'root/var/lib/dpkg/status')}";`,
      `Dir::State::extended_states "${path.join(apt, 'extended_states')}";`,
      `Dir::Cache::archives "${path.join(apt, 'archives')}";`,
      `Dir::Cache::pkgcache "";`,
      `Dir::Cache::srcpkgcache "";`,
      '',
    ].join('\n'),
  );
  await run(['apt-get', '-q', '-c', configuration, 'update']);
  await run(['apt-get', '-q', '-y', '-c', configuration, 'install', '--download-only', ...packages]);
  fs.mkdirSync(repository);
  const archives = path.join(apt, 'archives');
  for (const file of fs.readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    fs.renameSync(path.join(archives, file), path.join(repository, file));
  }
  fs.rmSync(apt, { recursive: true });
}

async function indexRepository(repository: string): Promise<void> {
  const index = await run(['apt-ftparchive', 'packages', '.'], { cwd: repository });
  fs.writeFileSync(path.join(repository, 'Packages'), index);
  const release = await run(['apt-ftparchive', 'release', '.'], { cwd: repository });
  fs.writeFileSync(path.join(repository, 'Release'), release);
}

/** What builds left that were killed. */
async function removeUnfinished(): Promise<void> {
  for (const entry of fs.readdirSync(imageDirectory())) {
    if (entry.startsWith('building-')) await removeRoot(path.join(imageDirectory(), entry));
  }
}

/** Layers of another recipe go once nobody has used them for a week, unless a lab still stands on them. */
async function removeOutdated(): Promise<void> {
  const weekAgo = Date.now() - 7 * 24 * 3600 * 1000;
  const inUse = layersInUse();
  for (const entry of fs.readdirSync(imageDirectory())) {
    const directory = path.join(imageDirectory(), entry);
    if (inUse.has(path.join(directory, 'root')) || fs.statSync(directory).mtimeMs > weekAgo) continue;
    await removeRoot(directory);
  }
}

/** The layers that labs on this machine are linked to. */
function layersInUse(): Set<string> {
  const links = labNames().flatMap((lab) => {
    const { layers } = labPaths(lab);
    return fs.existsSync(layers) ? fs.readdirSync(layers).map((name) => path.join(layers, name)) : [];
  });
  return new Set(links.map((link) => fs.realpathSync(link)));
}

/** Removes a directory that may hold a root. A debootstrap that was killed leaves its mounts there. */
async function removeRoot(directory: string): Promise<void> {
  for (const point of mountsBelow(directory)) await run(['umount', '--lazy', point]);
  // What cannot be removed yet is left to the next build.
  await attempt(['rm', '-rf', '--one-file-system', directory]);
}

/** Layers are made as overlays, whose upper directory cannot be on another overlay (a container's root, say). */
function refuseOverlay(): void {
  const directory = imageDirectory();
  fs.mkdirSync(directory, { recursive: true });
  const OVERLAYFS_MAGIC = 0x794c7630;
  if (fs.statfsSync(directory).type !== OVERLAYFS_MAGIC) return;
  throw new LabError(
    `The image cache ${directory} is on an overlay, where no further overlay can be made.`,
    'XDG_CACHE_HOME=/a/directory/on/a/disk npm run lab -- up',
  );
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-5).join('\n');
}
