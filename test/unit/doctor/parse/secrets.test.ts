import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LEFTOVERS } from '../../../../src/doctor/collect/leftovers.ts';
import { SYSTEM } from '../../../../src/doctor/collect/system.ts';
import { parseLeftovers } from '../../../../src/doctor/parse/leftovers.ts';
import { readProbes } from '../../../../src/doctor/parse/probes.ts';
import { factsOfRecords } from './told.ts';

/** What a part of the script tells of files of these contents, put where the script looks for `paths`. */
function told(text: string, part: RegExp, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dcvops-secrets-'));
  try {
    let script = part.exec(text)?.[0] ?? '';
    expect(script).not.toBe('');
    Object.entries(files).forEach(([path, content], index) => {
      const file = join(folder, String(index));
      writeFileSync(file, content);
      script = script.replaceAll(path, file);
    });
    return execFileSync('sh', ['-c', `tell() { printf '%s\\n' "$2"; }\n${script}`], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('facts are pasted into tickets: credentials in addresses do not leave the host', () => {
  it('of a forward proxy, however it is written', () => {
    const environment = [
      'export http_proxy=anna:hunter2@proxy.example:3128',
      'HTTPS_PROXY="http://anna:hunt@er2@proxy.example:3128/"',
      "no_proxy='localhost, .example'",
    ].join('\n');
    expect(
      told(SYSTEM.toString(), /^files=[\s\S]*?2>\/dev\/null\)"/m, { '/etc/environment': environment }).split(
        '\n',
      ),
    ).toEqual(
      expect.arrayContaining([
        'export http_proxy=proxy.example:3128',
        'HTTPS_PROXY="http://proxy.example:3128/"',
        "no_proxy='localhost, .example'",
      ]),
    );
    // an older script may have told them
    const { system } = factsOfRecords({ 'forward-proxy': environment });
    expect(system.forwardProxy).toEqual({
      http_proxy: 'proxy.example:3128',
      https_proxy: 'http://proxy.example:3128/',
      no_proxy: 'localhost, .example',
    });
  });

  it('of a session resolver, and no query either', () => {
    const conf =
      '[resolver]\nurl = "https://anna:hunt/@er2@resolver.example:9000/x?token=abc123"\nsecret = "abc123"\n';
    const plain =
      '[resolver]\nurl = "https://anna:hunt@er2@resolver.example:9000/x?token=abc123"\nsecret = "abc123"\n';
    const text = told(LEFTOVERS.toString(), /^tell_lines\(\)[\s\S]*?url'$/m, {
      '/etc/dcv-connection-gateway/dcv-connection-gateway.conf': plain,
    });
    expect(text).toBe('[resolver]\nurl = "https://resolver.example:9000/x"\n');
    const { connectionGateway } = parseLeftovers(
      readProbes([{ name: 'connection-gateway', value: `${conf}:0` }]),
      { listeners: [] },
    );
    expect(connectionGateway?.resolver).not.toMatch(/abc123/);
  });
});
