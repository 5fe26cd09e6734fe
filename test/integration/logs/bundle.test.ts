import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGunzip, gzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import type { AgentHost, Host, Inventory, LogSource } from '../../../src/inventory/types.ts';
import { createArchive } from '../../../src/logs/bundle/archive.ts';
import type { HostEntry, Manifest } from '../../../src/logs/bundle/manifest.ts';
import { type BundleContext, type BundleResult, bundleLogs } from '../../../src/operations/logs/bundle.ts';
import type { OperationEvent } from '../../../src/report/events.ts';
import type { Script } from '../../../src/shell/script.ts';
import type { Conversation, Remote } from '../../../src/ssh/remote.ts';

const MIB = 1024 * 1024;
const SHELLS = ['dash', 'bash', 'busybox'].filter((name) => existsSync(`/bin/${name}`));

const INVENTORY = {
  file: 'hosts.yaml',
  proxies: [],
  agents: [],
  logs: [],
  gateway: {
    listen: { address: undefined, port: 8443 },
    url: undefined,
    tls: { kind: 'self-signed' },
    default: [],
    agentNetworks: [],
    access: { allow: 'any' },
  },
} as unknown as Inventory;

let folder: string;
/** Stands in for the host's `/`. */
let root: string;
let file: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'dcvops-bundle-')));
  root = path.join(folder, 'host');
  file = path.join(folder, 'out', 'case-7.tar.gz');
  await mkdir(path.join(folder, 'out'));
  await mkdir(path.join(root, 'run'), { recursive: true });
  // programs that this machine may not have, or that would tell of it
  await program('journalctl', 'echo "journal $*"');
  await program('dcv', 'echo "Amazon DCV 2023.0 (r14852) in $LC_ALL"; exit 3');
});
// the script of a bundle that was interrupted may still be tidying up
afterEach(() => rm(folder, { recursive: true, maxRetries: 20, retryDelay: 100 }));

async function program(name: string, text: string): Promise<void> {
  const where = path.join(folder, 'bin', name);
  await mkdir(path.dirname(where), { recursive: true });
  await writeFile(where, `#!/bin/sh\n${text}\n`);
  await chmod(where, 0o755);
}

/** A file of the host, so many seconds old. */
async function put(name: string, content: string | Buffer, age = 0): Promise<string> {
  const where = path.join(root, name);
  await mkdir(path.dirname(where), { recursive: true });
  await writeFile(where, content);
  const at = Date.now() / 1000 - age;
  await utimes(where, at, at);
  return where;
}

function hostNamed(name: string): AgentHost {
  return { role: 'agent', name, host: '10.150.248.180', tags: [], ssh: {} } as unknown as AgentHost;
}

/** A host that is this machine: the script runs for real, below the folder. */
function localRemote(name: string, shell = 'sh'): Remote {
  const unused = (): never => {
    throw new Error('not used here');
  };
  return {
    name,
    run: unused,
    follow: unused,
    tunnel: unused,
    close: unused,
    converse: (script) => converse(script, shell),
  };
}

function converse({ text, args = [] }: Script, shell: string): Promise<Conversation> {
  const env = {
    ...process.env,
    LC_ALL: 'C',
    PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
  };
  const argv = [...(shell === 'busybox' ? ['sh'] : []), '-c', text.toString(), 'dcvops', ...args];
  const child = spawn(`/bin/${shell}`, argv, { env, stdio: 'pipe' });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const finished = once(child, 'close').then(([code]) => ({ code: Number(code), stderr }));
  return Promise.resolve({
    stdout: child.stdout,
    write: () => Promise.resolve(),
    end: () => child.stdin.end(),
    finished,
  });
}

interface Bundled {
  readonly result: BundleResult;
  readonly events: readonly OperationEvent[];
}

async function bundle(
  options: { maxBytes?: number; lines?: number; hosts?: readonly string[] } & Partial<BundleContext> = {},
): Promise<Bundled> {
  const { maxBytes = 64 * MIB, lines = 10, hosts = ['agent1'], ...context } = options;
  const events: OperationEvent[] = [];
  const result = await bundleLogs(
    {
      connect: (host) => Promise.resolve(localRemote(host.name)),
      emit: (event) => events.push(event),
      concurrency: 8,
      inventory: INVENTORY,
      who: 'anna@laptop',
      root,
      ...context,
    },
    hosts.map(hostNamed),
    { file, maxBytes, lines },
  );
  return { result, events };
}

/** The files of the bundle, without the folder they are all in. */
async function unpack(): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const archive = createReadStream(file).pipe(createGunzip()).pipe(extract());
  for await (const entry of archive) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(entry.header.mode).toBe(0o600);
    files.set(entry.header.name.replace(/^case-7\//, ''), Buffer.concat(chunks));
  }
  return files;
}

async function textOf(name: string): Promise<string | undefined> {
  return (await unpack()).get(name)?.toString();
}

function reasonFor(entry: HostEntry | undefined, source: string): string | undefined {
  return entry?.leftOut.find((one) => one.source === source)?.reason;
}

const LOG = '/var/log/dcv/server.log';
const IN_BUNDLE = `agent1/logs${LOG}`;

describe.each(SHELLS)('a bundle, collected by %s', (shell) => {
  const context = { connect: (host: Host) => Promise.resolve(localRemote(host.name, shell)) };

  it('holds what a support case needs', async () => {
    await put(LOG, 'INFO a\n');
    await put('/var/log/nginx/dcv-access.log', '{"status":"200"}\n');
    await put('/var/log/nginx/dcv-access.log.2.gz', gzipSync('{"status":"502"}\n'), 100);
    await put('/var/log/dcv/Xdcv.CORP\\jane.desk one.log', 'X\n');
    await put('/etc/dcv/dcv.conf', "[connectivity]\nweb-port=8443\ndb-password='hunter2'\n");
    await put('/etc/nginx/sites-available/site', 'server { listen 80; }\n');
    await mkdir(path.join(root, 'etc/nginx/sites-enabled'));
    await symlink('../sites-available/site', path.join(root, 'etc/nginx/sites-enabled/site'));
    const { result, events } = await bundle(context);

    const files = await unpack();
    expect(Object.fromEntries([...files].map(([name, content]) => [name, content.toString()]))).toMatchObject(
      {
        [IN_BUNDLE]: 'INFO a\n',
        'agent1/logs/var/log/nginx/dcv-access.log': '{"status":"200"}\n',
        'agent1/logs/var/log/nginx/dcv-access.log.2': '{"status":"502"}\n',
        'agent1/logs/var/log/dcv/Xdcv.CORP_jane.desk one.log': 'X\n',
        'agent1/config/etc/dcv/dcv.conf': '[connectivity]\nweb-port=8443\ndb-password=***\n',
        'agent1/config/etc/nginx/sites-enabled/site': 'server { listen 80; }\n',
        'agent1/versions/dcv.txt': 'Amazon DCV 2023.0 (r14852) in C.UTF-8\n',
        'agent1/journal/sshd.txt':
          'journal --no-pager --quiet -o short-iso-precise -n 10 -u ssh.service -u sshd.service\n',
        'agent1/facts/date.txt': expect.stringMatching(/^20\d\d-/) as string,
        'README.txt': expect.stringContaining('anna@laptop') as string,
      },
    );
    expect(result).toMatchObject({ file, hosts: [{ name: 'agent1', state: 'complete' }] });
    expect(events).toMatchObject([{ type: 'outcome', host: 'agent1', outcome: 'done' }]);
    // the host's disk is not littered
    expect(await readdir(path.join(root, 'run'))).toEqual([]);
  });

  it('holds the logs that the inventory adds for this host, each once, and no key beside them', async () => {
    await put('/srv/app-1/web server.log', 'not meant\n');
    await put('/srv/app-1/web.out', 'written now\n');
    await put('/srv/app-1/web.out.1', 'rotated\n', 10);
    await put('/srv/app-1/web.out-20261124.gz', gzipSync('packed\n'), 100);
    await put('/srv/app-1/server.key', '-----BEGIN PRIVATE KEY-----\nhunter2\n');
    await symlink(await put('/etc/shadow', 'hunter2'), path.join(root, 'srv/app-1/link.out'));
    await put(LOG, 'INFO a\n');
    const own: LogSource[] = [
      { name: 'app', kind: 'file', path: '/srv/app-?/*.out', format: 'text', hosts: ['agent1'] },
      { name: 'keys', kind: 'file', path: '/srv/app-1/*.key', format: 'text', hosts: ['agent1'] },
      { name: 'dcv-too', kind: 'file', path: LOG, format: 'dcv', hosts: ['agent1'] },
      { name: 'cron', kind: 'unit', unit: 'cron.service', format: 'journal', hosts: ['agent1'] },
      { name: 'nginx', kind: 'unit', unit: 'nginx.service', format: 'journal', hosts: ['agent1'] },
      { name: 'others', kind: 'unit', unit: 'others.service', format: 'journal', hosts: ['agent2'] },
    ];
    const { result } = await bundle({ ...context, inventory: { ...INVENTORY, logs: own } });
    const files = await unpack();
    const names = [...files.keys()].filter((name) => /\/(?:logs|journal)\//.test(name));
    expect(names.sort()).toEqual([
      'agent1/journal/cron.service.txt',
      'agent1/journal/dcvserver.txt',
      'agent1/journal/dcvsessionlauncher.txt',
      'agent1/journal/kernel.txt',
      'agent1/journal/nginx.txt',
      'agent1/journal/sshd.txt',
      'agent1/logs/srv/app-1/web.out',
      'agent1/logs/srv/app-1/web.out-20261124',
      'agent1/logs/srv/app-1/web.out.1',
      'agent1/logs/var/log/dcv/server.log',
    ]);
    expect(files.get('agent1/logs/srv/app-1/web.out-20261124')?.toString()).toBe('packed\n');
    expect(files.get('agent1/journal/cron.service.txt')?.toString()).toMatch(/ -u cron\.service\n$/);
    expect([...files.values()].join('')).not.toContain('hunter2');
    expect(reasonFor(result.hosts[0], '/srv/app-1/server.key')).toContain('secret');
    expect(reasonFor(result.hosts[0], '/srv/app-1/link.out')).toContain('no regular file');
  });

  it('never reads through a link that a user planted among the logs', async () => {
    const secret = await put('/etc/shadow', 'root:hunter2\n');
    await mkdir(path.join(root, 'var/log/dcv'), { recursive: true });
    await symlink(secret, path.join(root, 'var/log/dcv/agent.jane.desk.log'));
    await link(secret, path.join(root, 'var/log/dcv/hard.log'));
    await mkdir(path.join(root, 'var/log/dcv/folder.log'));
    const { result } = await bundle(context);
    expect([...(await unpack()).values()].join('')).not.toContain('hunter2');
    const [entry] = result.hosts;
    expect(reasonFor(entry, '/var/log/dcv/agent.jane.desk.log')).toContain('no regular file');
    expect(reasonFor(entry, '/var/log/dcv/hard.log')).toContain('hard links');
    expect(reasonFor(entry, '/var/log/dcv/folder.log')).toContain('no regular file');
  });

  it('notices a link that takes the file’s place between the look and the opening', async () => {
    const secret = await put('/etc/shadow', 'root:hunter2\n');
    const log = await put(LOG, 'INFO a\n');
    // stat is what looks: right after the first look at the file, the file is another
    await program(
      'stat',
      `for last; do :; done
      PATH=/usr/bin:/bin stat "$@" || exit
      case "$2 $last" in *%F*" ${log}") ln -sf ${secret} ${log} ;; esac`,
    );
    const { result } = await bundle(context);
    expect([...(await unpack()).values()].join('')).not.toContain('hunter2');
    expect(reasonFor(result.hosts[0], LOG)).toContain('replaced');
  });

  it('keeps its place in a log that grows while it is read', async () => {
    const log = await put(LOG, 'INFO a\n');
    await put('/var/log/dcv/sessionlauncher.log', 'the next file\n', 10);
    // each look at a file is followed by a line in the log
    await program('stat', `PATH=/usr/bin:/bin stat "$@"; code=$?; echo INFO b >>${log}; exit $code`);
    const { result } = await bundle(context);
    expect(result.hosts).toMatchObject([{ state: 'complete' }]);
    expect(await textOf(IN_BUNDLE)).toMatch(/^INFO a\n(?:INFO b\n)+$/);
    expect(await textOf('agent1/logs/var/log/dcv/sessionlauncher.log')).toBe('the next file\n');
  });
});

describe('a bundle', () => {
  it('has sums that fit, in a file that only its owner may read', async () => {
    await put(LOG, 'GET /?authToken=hunter2 HTTP/1.1\nINFO a\n');
    const { result } = await bundle();
    const files = await unpack();
    const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '') as Manifest;
    expect(manifest).toMatchObject({ format: 1, askedBy: 'anna@laptop', hosts: [{ name: 'agent1' }] });
    const [entry] = manifest.hosts;
    for (const { name, bytes, sha256 } of entry?.pieces ?? []) {
      const content = files.get(name) ?? Buffer.from('(missing)');
      expect({
        name,
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      }).toEqual({
        name,
        bytes,
        sha256,
      });
    }
    expect(entry?.pieces.map(({ name }) => name).sort()).toEqual(
      [...files.keys()].filter((name) => name.startsWith('agent1/')).sort(),
    );
    expect(entry?.pieces.find(({ name }) => name === 'agent1/versions/dcv.txt')).toMatchObject({
      source: 'dcv version',
      exitCode: 3,
    });
    expect(files.get(IN_BUNDLE)?.toString()).not.toContain('hunter2');
    const { mode, size } = await stat(file);
    expect(mode & 0o777).toBe(0o600);
    expect(result.bytes).toBe(size);
    expect(await readdir(path.dirname(file))).toEqual(['case-7.tar.gz']);
  });

  it('keeps to its size: the newest logs first, their ends, in whole lines', async () => {
    await put(LOG, 'x'.repeat(99).concat('\n').repeat(10_000), 5);
    await put('/var/log/dcv/server.log.1', 'y'.repeat(99).concat('\n').repeat(10_000), 50);
    await put('/var/log/dcv/server.log.2', 'z'.repeat(99).concat('\n').repeat(10_000), 500);
    const { result } = await bundle({ maxBytes: 200_000 });
    const [entry] = result.hosts;
    const [newest, older] = entry?.pieces.filter(({ name }) => name.includes('/logs/')) ?? [];
    expect(newest).toMatchObject({
      source: LOG,
      bytes: 50_000 - 100 + (50_000 % 100),
      cut: true,
      cutBytes: 950_000,
    });
    expect(older?.source).toBe('/var/log/dcv/server.log.1');
    expect(await textOf(IN_BUNDLE)).toMatch(/^(?:x{99}\n)+$/);
    const total = entry?.pieces.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(total).toBeLessThanOrEqual(200_000);
  });

  it('says of a log for which there was no room that it is not there', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(`/var/log/dcv/${name}.log`, 'x\n'.repeat(50_000));
    const { result } = await bundle({ maxBytes: 100_000 });
    expect(result.hosts[0]?.leftOut.map(({ reason }) => reason)).toContain('the size limit was reached');
  });

  it('takes no key, even where a configuration’s name leads to one', async () => {
    const key = await put('/etc/nginx/tls/site.key', '-----BEGIN PRIVATE KEY-----\nhunter2\n');
    await put('/etc/nginx/conf.d/htpasswd.conf', 'jane:hunter2\n');
    await symlink(key, path.join(root, 'etc/nginx/conf.d/site.conf'));
    await symlink(path.join(folder, 'elsewhere'), path.join(root, 'etc/nginx/conf.d/elsewhere.conf'));
    await writeFile(path.join(folder, 'elsewhere'), 'hunter2');
    const { result } = await bundle();
    expect([...(await unpack()).values()].join('')).not.toContain('hunter2');
    const [entry] = result.hosts;
    expect(reasonFor(entry, '/etc/nginx/conf.d/site.conf')).toContain('secret');
    expect(reasonFor(entry, '/etc/nginx/conf.d/htpasswd.conf')).toContain('secret');
    expect(reasonFor(entry, '/etc/nginx/conf.d/elsewhere.conf')).toContain('leads out of /etc');
  });

  it('comes without the host that cannot be reached, and says so', async () => {
    await put(LOG, 'INFO a\n');
    const { events } = await bundle({
      hosts: ['agent1', 'agent2'],
      connect: (host) =>
        host.name === 'agent1'
          ? Promise.resolve(localRemote('agent1'))
          : Promise.reject(new DcvopsError('unreachable', 'no answer in 10 s', { host: 'agent2' })),
    });
    const manifest = JSON.parse((await textOf('manifest.json')) ?? '') as Manifest;
    expect(manifest.hosts).toMatchObject([
      { name: 'agent1', state: 'complete' },
      { name: 'agent2', state: 'missing', reason: 'no answer in 10 s', pieces: [] },
    ]);
    expect(events).toContainEqual(expect.objectContaining({ host: 'agent2', outcome: 'unreachable' }));
  });

  it('keeps what came from a host that stopped in the middle', async () => {
    const { result, events } = await bundle({
      connect: () =>
        Promise.resolve({
          ...localRemote('agent1'),
          converse: () =>
            converseWith('piece facts 4 2 2 0 0\ndatea\npiece logs 2 100 100 1 0\n/athis is not all of it'),
        }),
    });
    expect(result.hosts).toMatchObject([
      { state: 'incomplete', pieces: [{ name: 'agent1/facts/date.txt' }] },
    ]);
    expect(events).toMatchObject([
      { outcome: 'failed', message: expect.stringContaining('in the middle') as string },
    ]);
    expect([...(await unpack()).keys()]).toEqual(['agent1/facts/date.txt', 'README.txt', 'manifest.json']);
  });

  it('is no file at all when no host gave anything', async () => {
    const { result } = await bundle({
      connect: () => Promise.reject(new DcvopsError('unreachable', 'no answer', { host: 'agent1' })),
    });
    expect(result.file).toBeUndefined();
    expect(await readdir(path.dirname(file))).toEqual([]);
  });

  it('never takes the place of another file', async () => {
    await writeFile(file, 'precious');
    await expect(bundle()).rejects.toMatchObject({ code: 'usage', hint: 'name another file with -o' });
    expect(await readFile(file, 'utf8')).toBe('precious');
  });

  it('never takes the place of a file that appeared meanwhile', async () => {
    await expect(
      bundle({
        connect: async (host) => {
          await writeFile(file, 'precious');
          return localRemote(host.name);
        },
      }),
    ).rejects.toMatchObject({ code: 'usage' });
    expect(await readFile(file, 'utf8')).toBe('precious');
    expect(await readdir(path.dirname(file))).toEqual(['case-7.tar.gz']);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const interrupt = new AbortController();
    await expect(
      bundle({
        signal: interrupt.signal,
        connect: (host) => {
          interrupt.abort();
          return Promise.resolve(localRemote(host.name));
        },
      }),
    ).rejects.toMatchObject({ code: 'interrupted' });
    expect(await readdir(path.dirname(file))).toEqual([]);
  });

  it('leaves nothing behind when it is given up within a file', async () => {
    const archive = await createArchive(file);
    const refused = expect(archive.add('large', randomBytes(4 * MIB), new Date())).rejects.toThrow();
    await archive.abandon();
    await refused;
    await archive.abandon();
    expect(await readdir(path.dirname(file))).toEqual([]);
  });

  it('says where it cannot be written', async () => {
    file = path.join(folder, 'no-such-folder', 'x.tar.gz');
    await expect(bundle()).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('cannot write') as string,
    });
  });
});

function converseWith(text: string): Promise<Conversation> {
  async function* stdout(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(text));
  }
  return Promise.resolve({
    stdout: stdout(),
    write: () => Promise.resolve(),
    end: () => undefined,
    finished: Promise.resolve({ code: 141, stderr: '' }),
  });
}
