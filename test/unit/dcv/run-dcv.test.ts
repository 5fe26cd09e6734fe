import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DcvCommand, askDcv, dcvCommand, runDcv } from '../../../src/dcv/run-dcv.ts';
import { lines, program, sh } from '../../../src/shell/shell.ts';

/** What a script prints whose `dcv` and `timeout` are these. */
function printed(script: string, functions: string): string {
  const { stdout } = spawnSync('sh', ['-c', `${functions}\n${script}`], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', LANGUAGE: 'de' },
  });
  return stdout;
}

describe('runDcv', () => {
  it('has a limit, a locale of UTF-8 and English messages, and no word that is taken for another', () => {
    const show = new DcvCommand(sh`sh -c ${'printf %s "$LC_ALL|$LANGUAGE|$1"'} dcv ${"it's"}`);
    expect(printed(runDcv(show).toString(), '')).toBe("C.UTF-8||it's");
    expect(runDcv(dcvCommand(['dcv', 'set-name', '--name=a b']), 60).toString()).toBe(
      "timeout 60 env LC_ALL=C.UTF-8 LANGUAGE= dcv set-name '--name=a b'",
    );
  });
});

describe('askDcv', () => {
  const asked = askDcv(dcvCommand(['dcv', 'list', '--json']), dcvCommand(['dcv', 'list']));
  const answer = (json: string): string =>
    printed(
      lines(sh`told=$(${asked})`, program`echo "$? $told"`).toString(),
      `timeout() { case "$*" in *--json) ${json} ;; *) echo text ;; esac; }`,
    );

  it.each([
    ['takes JSON', 'echo json', '0 json\n'],
    ['takes text where there is no JSON', 'return 1', '0 text\n'],
    ['does not ask again what hangs', 'return 124', '1 \n'],
  ])('%s', (_what, json, told) => {
    expect(answer(json)).toBe(told);
  });
});

describe('what runs on hosts', () => {
  const VERB =
    '(?:(?:create|close|describe)-session|list-(?:sessions|connections|endpoints)|close-connection|get-(?:screenshot|config)|' +
    'set-[a-z-]+|reload-licenses|version|add-user|remove-auth)';
  const BARE = [
    new RegExp(`(?:^|[\\s;|&(!{\`]|-c ')dcv(?:simpleextauth)? (?:--?[a-z-]+ )?${VERB}\\b`),
    new RegExp(`words\\(\\[[^\\]]*'dcv(?:simpleextauth)?', '${VERB}'`),
  ];
  /** Comments; what is shown to somebody; commands that nothing runs but what this file tests. */
  const ALLOWED = /^\s*(?:\*|\/\/|\/\*|#)|dcvops exec|new DcvCommand\(sh`|dcvCommand\(|\.option\(/;
  const bareIn = (text: string): string[] =>
    text.split('\n').filter((line) => !ALLOWED.test(line) && BARE.some((bare) => bare.test(line)));

  it('finds a bare dcv', () => {
    const found = [
      'say version "$(timeout 20 dcv version 2>/dev/null)"',
      'until timeout 20 dcv list-sessions >/dev/null; do',
      "told=$(sh -c 'dcv list-sessions --json')",
      'sh`dcv close-session ${id}`',
      "const add = words(['dcvsimpleextauth', 'add-user', id]);",
    ];
    expect(bareIn(found.join('\n'))).toEqual(found);
    expect(bareIn("# dcv version\n'dcvops exec a -- dcv version'\n'dcv version' said")).toEqual([]);
  });

  it('never is a dcv without its limit and its locale', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const bare = files.flatMap((file) =>
      bareIn(readFileSync(path.join('src', file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
    );
    expect(bare).toEqual([]);
  });
});
