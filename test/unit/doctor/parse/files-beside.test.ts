import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FILES_BESIDE } from '../../../../src/doctor/collect/files-beside.ts';
import { parseFilesAmiss } from '../../../../src/doctor/parse/files-beside.ts';
import { fileLine } from '../../../../src/gateway/release.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dcvops-beside-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const file = (name: string): string => path.join(folder, name);

/** What a host tells whose gateway has this header. */
function told(config: string): string {
  writeFileSync(file('live'), config);
  const script = `live=$1; tell() { printf '%s' "$2"; }\n${FILES_BESIDE.toString()}`;
  return execFileSync('sh', ['-euc', script, 'sh', file('live')], { encoding: 'utf8' });
}

// A portal that is not as it was deployed is a blank page: its policy fits one text only.
describe('files that go with the gateway', () => {
  it('are told where they are gone or changed, and only then', () => {
    const config = ['same', 'changed', 'gone']
      .map((name) => fileLine(file(name), 'as deployed\n'))
      .join('\n');
    writeFileSync(file('same'), 'as deployed\n');
    writeFileSync(file('changed'), 'by hand\n');
    expect(parseFilesAmiss(told(`${config}\n`), config)).toEqual([
      { path: file('changed'), isThere: true },
      { path: file('gone'), isThere: false },
    ]);
  });

  it('are none of a gateway without any, and of no gateway', () => {
    expect(parseFilesAmiss(told('# release: 3f9a1c0d5e7b\n'), '')).toEqual([]);
    expect(parseFilesAmiss(undefined, undefined)).toBeUndefined();
  });
});
