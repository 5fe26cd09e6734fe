import { describe, expect, it } from 'vitest';
import { POOL_FILE } from '../../../src/gateway/config/default-agents.ts';
import { driftOf, editedFiles } from '../../../src/gateway/drift.ts';
import type { FileChange, HostFile, LiveFile } from '../../../src/gateway/proxy-facts.ts';
import { LIVE_FILE } from '../../../src/gateway/release.ts';
import { renderGateway } from '../../../src/gateway/render.ts';
import { twoAgents } from './inventories.ts';

const input = twoAgents();
const rendered = renderGateway({
  ...input,
  gateway: { ...input.gateway, portal: true, default: input.agents },
});
const { config, releaseId } = rendered;
const beside = rendered.files.filter(({ path }) => path !== LIVE_FILE);
const [page] = beside.filter(({ path }) => path.includes('/pages/'));
const pool = beside.find(({ path }) => path === POOL_FILE);
if (page === undefined || pool === undefined) throw new Error('the release has no page, or no pool');

const live = (content: string): LiveFile => ({
  path: LIVE_FILE,
  content,
  mode: '644 root:root',
  releaseId,
});
const files = (content: string): FileChange[] => [
  { kind: 'write', path: LIVE_FILE, mode: '644', content },
  { kind: 'write', path: page.path, mode: '644', content: page.content },
];
const withLine = (file: HostFile): HostFile => ({
  path: file.path,
  content: `${file.content}<!-- mine -->\n`,
});
const edited = live(config + '# mine\n');
const renewed = `${config}# of a newer inventory\n`;

describe('a file that was edited by hand', () => {
  it.each<[what: string, live: LiveFile | undefined, beside: readonly HostFile[], edited: string[]]>([
    ['none', undefined, [], []],
    ['all as dcvops wrote it', live(config), beside, []],
    ['a configuration with one line more', edited, beside, [LIVE_FILE]],
    ['a page with one line more', live(config), [withLine(page)], [page.path]],
    ['the pool’s servers, which are state', live(config), [withLine(pool)], []],
    ['both', edited, [withLine(page)], [LIVE_FILE, page.path]],
    ['not from dcvops', { ...live('server { }\n'), releaseId: undefined }, [], []],
  ])('%s', (_, liveFile, gatewayFiles, expected) => {
    expect(editedFiles({ live: liveFile, gatewayFiles }).map(({ path }) => path)).toEqual(expected);
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
    const [event, ...more] = driftOf('gateway', { live: edited, gatewayFiles: beside }, kept, wanted);
    expect(more).toEqual([]);
    const { host, path, diff } = event ?? { host: '', path: '', diff: '' };
    expect([host, path]).toEqual(['gateway', LIVE_FILE]);
    const [, from = '', to = '', ...body] = ['', ...diff.split('\n')];
    expect(from).toContain(`--- ${LIVE_FILE}\t${shown[0] ?? ''}`);
    expect(to).toBe(`+++ ${LIVE_FILE}\ton gateway`);
    expect(body.filter((line) => /^[-+]/.test(line))).toEqual(shown.slice(1));
  });

  it('is shown for a page as well', () => {
    const facts = { live: live(config), gatewayFiles: [withLine(page)] };
    const [event, ...more] = driftOf('gateway', facts, files(config), []);
    expect([event?.path, more]).toEqual([page.path, []]);
    expect(event?.diff).toContain('\n+<!-- mine -->\n');
  });
});
