import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setAndRestart, unsetAndRestart } from '../../../src/doctor/dcv-settings.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dcvops-settings-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What dcv.conf says after the first of these steps, as a shell here runs it on a file of its own. */
function edited(content: string, steps: string): string {
  const file = join(folder, 'dcv.conf');
  writeFileSync(file, content);
  const [edit = ''] = steps.split('\n');
  const command = edit.replace(/^dcvops exec --sudo agent1 -- /, '').replace('/etc/dcv/dcv.conf', file);
  execFileSync('sh', ['-c', command]);
  return readFileSync(file, 'utf8');
}

describe('a remedy that edits dcv.conf does as it stands what it says', () => {
  it.each<[string, string, string]>([
    ['a word', 'system', 'authentication="system"'],
    ['a pattern', '^10[.]0[.]0[.]1(:8443)?$', 'authentication="^10[.]0[.]0[.]1(:8443)?$"'],
    // two proxies without a common name
    ['a choice', '^(a[.]b|https://c:8443)$', 'authentication="^(a[.]b|https://c:8443)$"'],
  ])('sets %s', (_what, value, line) => {
    const before = '[security]\n  authentication = "none"\nauthentication-threshold=3\n';
    expect(edited(before, setAndRestart('agent1', 'authentication', value))).toBe(
      `[security]\n${line}\nauthentication-threshold=3\n`,
    );
  });

  it('takes a setting out, and nothing else', () => {
    expect(
      edited(
        '[connectivity]\nweb-port=8444\n#web-port=1\nweb-port-x=1\n',
        unsetAndRestart('agent1', 'web-port'),
      ),
    ).toBe('[connectivity]\n#web-port=1\nweb-port-x=1\n');
  });
});
