import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RenderedGateway } from '../../../src/gateway/rendered.ts';
import { GATEWAY_DIRECTORY } from '../../../src/gateway/state.ts';
import { type NginxBuild, parseNginxVersion } from '../../../src/gateway/nginx-facts.ts';
import { isInstalled } from './network.ts';

/** The nginx under test: Debian's, or the one that DCVOPS_NGINX names. */
export function nginxProgram(): string {
  const program = process.env['DCVOPS_NGINX'] ?? 'nginx';
  if (!isInstalled(program))
    throw new Error(`Missing: ${program}. Install with: apt-get install nginx-light`);
  return program;
}

export function nginxBuild(program = nginxProgram()): NginxBuild {
  return parseNginxVersion(spawnSync(program, ['-V'], { encoding: 'utf8' }).stderr);
}

/** Writes a self-signed certificate with these subjectAltName entries. */
export function makeCertificate(
  directory: string,
  name: string,
  subjectAltName: string,
  days = 30,
): { certificate: string; key: string } {
  const files = {
    certificate: path.join(directory, `${name}.crt`),
    key: path.join(directory, `${name}.key`),
  };
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=${subjectAltName}`,
      '-days',
      String(days),
      '-out',
      files.certificate,
      '-keyout',
      files.key,
    ],
    { stdio: 'ignore' },
  );
  return files;
}

const WORKERS = 2;

/** A directory that holds what nginx wants besides the configuration under test. */
export function layNginx(directory: string, gatewayConfig: string): string {
  mkdirSync(path.join(directory, 'temp'), { recursive: true });
  chmodSync(directory, 0o711); // for nginx's workers, which are another user
  writeFileSync(path.join(directory, 'gateway.conf'), gatewayConfig);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'scgi', 'uwsgi'].map(
    (kind) => `${kind}_temp_path ${directory}/temp/${kind};`,
  );
  const file = path.join(directory, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off;
worker_processes ${WORKERS};
worker_rlimit_nofile 16384;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log notice;
events { worker_connections 8000; }
http {
    ${temporary.join('\n    ')}
    include ${directory}/gateway.conf;
}
`,
  );
  return file;
}

/** The same with the files of a release beside it, which it looks for below `GATEWAY_DIRECTORY`. */
export function layRelease(directory: string, { config, files }: RenderedGateway): string {
  const own = path.join(directory, 'dcv-gateway');
  for (const file of files.filter((one) => one.path.startsWith(GATEWAY_DIRECTORY))) {
    const place = file.path.replace(GATEWAY_DIRECTORY, own);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, file.content.replaceAll(GATEWAY_DIRECTORY, own));
  }
  return layNginx(directory, config.replaceAll(GATEWAY_DIRECTORY, own));
}

export interface RunningNginx {
  /** What nginx itself had to say. */
  readonly errors: () => string;
  /** Has it read its files again; resolves when the old workers take no connection any more. */
  readonly reload: () => Promise<void>;
  /** Ends it in order, so that the logs are whole. */
  readonly stop: () => Promise<void>;
}

/** Starts nginx inside the private network and waits until it serves. */
export async function startNginx(
  directory: string,
  inside: (argv: readonly string[]) => [string, string[]],
  isUp: () => Promise<boolean>,
): Promise<RunningNginx> {
  const [command, args] = inside([nginxProgram(), '-c', path.join(directory, 'nginx.conf')]);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, 'exit');
  const errors = (): string => stderr + readFileSync(path.join(directory, 'error.log'), 'utf8');
  await waitFor('nginx serves', async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${stderr}`);
    return isUp();
  });
  const retired = (): number => errors().split('gracefully shutting down').length - 1;
  return {
    errors,
    async reload() {
      const before = retired();
      child.kill('SIGHUP');
      await waitFor('new workers', () => retired() >= before + WORKERS);
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Polls where there is no event to wait for. */
export async function waitFor(
  what: string,
  isTrue: () => Promise<boolean> | boolean,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
