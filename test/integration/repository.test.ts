import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';

// What nobody wants in a clone of theirs: somebody else's machine.

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

interface TrackedFile {
  readonly name: string;
  readonly text: string;
}

let files: readonly TrackedFile[] = [];

beforeEach(async ({ skip }) => {
  skip(
    !existsSync(path.join(REPOSITORY, '.git')),
    'not a git checkout: nothing says which files are tracked',
  );
  files = await trackedFiles();
});

describe('the files that git tracks', () => {
  it('name no package registry and no mirror: where packages come from is each machine’s own setting', async () => {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], { cwd: REPOSITORY });
    const host = new URL(stdout.trim()).hostname;
    const configured = /^localhost$|^[0-9.]+$/.test(host) ? [] : [host.replaceAll('.', '\\.')];
    const known =
      /npmjs\.(?:org|com)|yarnpkg\.com|(?:deb|archive|security)\.(?:debian\.org|ubuntu\.com)|pypi\.org/;
    expect(filesWith(new RegExp([known.source, ...configured].join('|')))).toEqual([]);
  });

  it('name no path of this machine', () => {
    expect(filesWith(new RegExp(`${REPOSITORY}(?![A-Za-z0-9_-])`))).toEqual([]);
  });

  it('hold no private key, nothing that was built or installed', () => {
    expect(filesWith(/-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64}/)).toEqual([]);
    expect(
      files.map(({ name }) => name).filter((name) => /^(?:node_modules|dist)\/|\.tgz$|\.pem$/.test(name)),
    ).toEqual([]);
  });

  it('lock each package by what it holds, not by where it once came from', async () => {
    const lock = JSON.parse(await readFile(path.join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string; integrity?: string }>;
    };
    const packages = Object.entries(lock.packages);
    const wrong = packages.filter(
      ([name, { resolved, integrity }]) => resolved !== undefined || (integrity === undefined && name !== ''),
    );
    expect(packages.length).toBeGreaterThan(100);
    expect(wrong.map(([name]) => name)).toEqual([]);
  });
});

function filesWith(pattern: RegExp): string[] {
  return files.flatMap(({ name, text }) => {
    const match = pattern.exec(text);
    return match === null ? [] : [`${name}: ${match[0].slice(0, 60)}`];
  });
}

async function trackedFiles(): Promise<TrackedFile[]> {
  // `npm test` is root's, the checkout may be somebody else's: git would refuse to read that
  const git = ['-c', `safe.directory=${REPOSITORY}`, 'ls-files', '-z'];
  const { stdout } = await promisify(execFile)('git', git, { cwd: REPOSITORY });
  const names = stdout.split('\0').filter((name) => name !== '' && existsSync(path.join(REPOSITORY, name)));
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(path.join(REPOSITORY, name), 'utf8') })),
  );
}
