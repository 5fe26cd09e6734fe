import { describe, expect, it } from 'vitest';
import { type EditedFile, driftOf, isHandEdited } from '../../../src/gateway/drift.ts';
import type { FileChange, LiveFile } from '../../../src/gateway/proxy-facts.ts';
import { LIVE_FILE } from '../../../src/gateway/release.ts';
import { renderGateway } from '../../../src/gateway/render.ts';
import { twoAgents } from './inventories.ts';

const { config, releaseId } = renderGateway(twoAgents());
const live = (content: string): LiveFile => ({
  path: LIVE_FILE,
  content,
  mode: '644 root:root',
  releaseId,
});
const files = (content: string): FileChange[] => [{ kind: 'write', path: LIVE_FILE, mode: '644', content }];
const edited = live(config + '# mine\n') as EditedFile;
const renewed = `${config}# of a newer inventory\n`;

describe('a file that was edited by hand', () => {
  it.each<[what: string, file: LiveFile | undefined, edited: boolean]>([
    ['none', undefined, false],
    ['as dcvops wrote it', live(config), false],
    ['with one line more', edited, true],
    ['not from dcvops', { ...live('server { }\n'), releaseId: undefined }, false],
  ])('%s', (_, file, expected) => {
    expect(isHandEdited(file)).toBe(expected);
  });

  it.each<[what: string, kept: FileChange[] | undefined, wanted: FileChange[], shown: string[]]>([
    [
      'against the release that the host keeps',
      files(config),
      files(renewed),
      [`release ${releaseId}, as it was written`, '+# mine'],
    ],
    [
      'against the inventory where the host does not keep it',
      undefined,
      files(renewed),
      ['as the inventory has it', '-# of a newer inventory', '+# mine'],
    ],
    [
      'against the inventory where what is kept was edited itself',
      files(config + '# theirs\n'),
      files(config),
      ['as the inventory has it', '+# mine'],
    ],
  ])('is shown %s', (_, kept, wanted, shown) => {
    const { host, path, diff } = driftOf('gateway', edited, kept, wanted);
    expect([host, path]).toEqual(['gateway', LIVE_FILE]);
    const [, from = '', to = '', ...body] = ['', ...diff.split('\n')];
    expect(from).toContain(`--- ${LIVE_FILE}\t${shown[0] ?? ''}`);
    expect(to).toBe(`+++ ${LIVE_FILE}\ton gateway`);
    expect(body.filter((line) => /^[-+]/.test(line))).toEqual(shown.slice(1));
  });
});
