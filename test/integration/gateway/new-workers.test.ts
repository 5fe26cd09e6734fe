import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NEW_WORKERS } from '../../../src/gateway/new-workers.ts';
import { lines, program } from '../../../src/shell/shell.ts';
import { nginxProgram } from './nginx.ts';

let root: string;
const nginx = (...args: string[]): void => {
  // the daemon must not hold the test's pipes
  const { status } = spawnSync(nginxProgram(), ['-c', `${root}/nginx.conf`, ...args], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`nginx ended with ${status}`);
};

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'dcvops-workers-'));
  chmodSync(root, 0o755);
  mkdirSync(`${root}/temp`);
  const folders = ['client_body', 'proxy', 'fastcgi', 'scgi', 'uwsgi'].map(
    (kind) => `${kind}_temp_path ${root}/temp/${kind};`,
  );
  writeFileSync(`${root}/pool.conf`, 'server 127.0.0.1:9;\n');
  writeFileSync(
    `${root}/nginx.conf`,
    `worker_processes 2;
pid ${root}/nginx.pid;
error_log ${root}/error.log notice;
events { worker_connections 64; }
http {
    ${folders.join('\n    ')}
    access_log off;
    upstream pool { include ${root}/pool.conf; }
    server { listen unix:${root}/socket; location / { proxy_pass http://pool; } }
}
`,
  );
  nginx();
});
afterEach(() => {
  nginx('-s', 'stop');
  rmSync(root, { recursive: true });
});

/** Does nginx serve what it was told to read, as the script on the host sees it? */
function follows(pidFile: string, looks: number): string {
  const script = lines(
    program`set -u`,
    NEW_WORKERS,
    program`
before=$(workers "$1")
kill -HUP "$(cat "$2")"
if has_new_workers "$1" "$before" "$3"; then echo yes; else echo no; fi
if have_closed "$before" "$3"; then echo closed; else echo open; fi`,
  );
  const args = [pidFile, `${root}/nginx.pid`, String(looks)];
  const { stdout, stderr } = spawnSync('sh', ['-c', script.toString(), 'dcvops', ...args], {
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`.trim();
}

// A pool is no part of the release that /health tells: a reload that nginx ignores would count as done.
describe('a reload', () => {
  it('is followed when nginx has new workers', () => {
    writeFileSync(`${root}/pool.conf`, 'server 127.0.0.1:9; server 127.0.0.1:10 down;\n');
    expect(follows(`${root}/nginx.pid`, 80)).toBe('yes\nclosed');
  });

  it('is not when nginx stays with what it had', () => {
    writeFileSync(`${root}/pool.conf`, 'no_such_directive;\n');
    expect(follows(`${root}/nginx.pid`, 5)).toBe('no\nopen');
    writeFileSync(`${root}/pool.conf`, 'server 127.0.0.1:9;\n');
  });

  it('is believed in where nobody can tell which the workers are', () => {
    expect(follows(`${root}/none.pid`, 80)).toBe('yes\nclosed');
  });
});
