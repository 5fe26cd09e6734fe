import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const MAIN = path.join(REPOSITORY, 'dist', 'main.js');
const TARBALL = `dcvops-${packageJson.version}.tgz`;

let folder = '';

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error('dist/ is what is tested here, and it is not built: npm run build');
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-package-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a program as a user without settings, and without a network: npm has an empty cache and may not ask a registry. */
async function run(cwd: string, program: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      npm_config_cache: path.join(folder, 'cache'),
      npm_config_offline: 'true',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
      npm_config_yes: 'true',
    },
  });
  return stdout;
}

async function emptyFolder(name: string): Promise<string> {
  const made = path.join(folder, name);
  await mkdir(made);
  return made;
}

describe('the package', () => {
  let files: string[] = [];

  beforeAll(async () => {
    const answer = await run(
      REPOSITORY,
      'npm',
      ...['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    );
    const [packed] = JSON.parse(answer) as { files: { path: string }[] }[];
    files = packed?.files.map((file) => file.path) ?? [];
  });

  it('holds what a user needs and nothing else: no sources, no tests', () => {
    const chunk = /^dist\/chunks\/[A-Za-z0-9_-]+-[A-Z0-9]{8}\.js$/;
    expect(files.filter((file) => !chunk.test(file)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/main.js',
      'inventory/dcvops.schema.json',
      'inventory/example.yaml',
      'package.json',
    ]);
    const built = readdirSync(path.join(REPOSITORY, 'dist', 'chunks'));
    expect(files.filter((file) => chunk.test(file)).length).toBe(built.length);
  });

  it('works in an empty folder without a network: nothing has to be fetched', async () => {
    const empty = await emptyFolder('installed');
    await run(empty, 'npm', 'install', path.join('..', TARBALL));
    expect(await run(empty, 'npx', 'dcvops', '--version')).toBe(`${packageJson.version}\n`);

    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeFile(path.join(empty, 'tom.pem'), pem, { mode: 0o600 });
    const wrote = await run(
      empty,
      'npx',
      'dcvops',
      'init',
      ...['--proxy', '10.213.66.188', '--ssh-port', '50000', '--user', 'ec2-user', '--key', './tom.pem'],
      ...['--agent', '10.150.248.180,10.150.248.136', '--allow', '10.213.0.0/16'],
    );
    expect(wrote).toContain('Wrote inventory/hosts.yaml.   Next: dcvops trust\n');
    expect(await run(empty, 'npx', 'dcvops', 'inventory', 'validate')).toContain('1 proxy, 2 agents');
  });

  it('runs from the packed file itself with npx', async () => {
    const empty = await emptyFolder('npx');
    await copyFile(path.join(folder, TARBALL), path.join(empty, TARBALL));
    expect(await run(empty, 'npx', `./${TARBALL}`, 'inventory', 'schema')).toBe(
      await readFile(path.join(REPOSITORY, 'inventory', 'dcvops.schema.json'), 'utf8'),
    );
  });

  it('names the licences of everything it holds', async () => {
    const licences = await readFile(path.join(REPOSITORY, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of packagesIn(allOfDist())) expect(licences).toContain(`${name} `);
  });
});

describe('start-up', () => {
  // Everything that loads before a command runs is waited for by everybody, every time.
  it.each(['--version', '--help', 'deploy --help', 'session create --help', 'no-such-command'])(
    'loads commander and nothing else: dcvops %s',
    async (args) => {
      const loaded = await filesLoadedBy(args.split(' '));
      expect(loaded).toContain(MAIN);
      expect(packagesIn(loaded)).toEqual(['commander']);
    },
  );

  it('is judged by files that tell what they hold', () => {
    expect(packagesIn(allOfDist())).toEqual(
      expect.arrayContaining(['commander', 'listr2', 'node-ssh', 'ssh2', 'yaml', 'zod']),
    );
  });
});

/** The files of the bundle that Node has loaded when a command ends; V8's coverage lists them. */
async function filesLoadedBy(args: readonly string[]): Promise<string[]> {
  const coverage = await mkdtemp(path.join(folder, 'coverage-'));
  await promisify(execFile)(process.execPath, [MAIN, ...args], {
    env: { ...process.env, NODE_V8_COVERAGE: coverage },
  }).catch(() => undefined); // a usage error ends with 2
  const reports = readdirSync(coverage).map((name) => readFileSync(path.join(coverage, name), 'utf8'));
  return reports
    .flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result)
    .flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []))
    .filter((file) => file.startsWith(path.join(REPOSITORY, 'dist')));
}

function allOfDist(): string[] {
  const chunks = path.join(REPOSITORY, 'dist', 'chunks');
  return [MAIN, ...readdirSync(chunks).map((name) => path.join(chunks, name))];
}

/** The packages in files of the bundle: esbuild writes above each module where it came from. */
function packagesIn(files: readonly string[]): string[] {
  const names = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^\s*\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)].map(
      ([, name = '']) => name,
    ),
  );
  return [...new Set(names)].sort();
}
