import { describe, expect, it } from 'vitest';
import { overviewRows, overviewSentence } from '../../../../src/operations/gateway/releases-overview.ts';
import type { LiveGateway, ProxyReleases } from '../../../../src/operations/gateway/releases.ts';

const release = (id: string, changes: Partial<LiveGateway & { kind: 'release' }> = {}): LiveGateway => ({
  kind: 'release',
  id,
  edited: false,
  asInventory: true,
  ...changes,
});
const lists = (...live: (LiveGateway | undefined)[]): ProxyReleases[] =>
  live.map((one, index) => ({
    proxy: `p${index + 1}`,
    live: one,
    releases: [],
    drift: [],
    problem: one === undefined ? 'no answer' : undefined,
  }));

const edited = release('aaa', { edited: true, asInventory: false });
const other = release('bbb', { asInventory: false });

describe('who runs what', () => {
  it.each<[live: (LiveGateway | undefined)[], sentence: string]>([
    [[release('aaa'), release('aaa')], 'All 2 proxies run release aaa.'],
    [[release('aaa'), edited], 'All 2 proxies run release aaa. Edited by hand: p2.'],
    [
      [release('aaa'), other, release('aaa'), undefined],
      'Not all are the same: aaa on p1, p3; bbb on p2; not read on p4.',
    ],
    [
      [{ kind: 'none' }, { kind: 'foreign', files: ['/etc/nginx/conf.d/old.conf'] }],
      'Not all are the same: no gateway on p1; not from dcvops on p2.',
    ],
    [[{ kind: 'none' }, { kind: 'none' }], 'All are the same: no gateway on p1, p2.'],
  ])('%#: %s', (live, sentence) => {
    expect(overviewSentence(lists(...live))).toBe(sentence);
  });

  it('each proxy has a row, and what asks for something to be done says what to type', () => {
    const all = lists(release('aaa'), edited, other, { kind: 'none' }, undefined);
    expect(overviewRows(all).map(({ proxy, runs, state, good }) => [proxy, runs, state, good])).toEqual([
      ['p1', 'aaa', 'as the inventory has it', true],
      ['p2', 'aaa', 'edited by hand: dcvops releases --diff p2', false],
      ['p3', 'bbb', 'not what the inventory asks for: dcvops deploy p3', false],
      ['p4', 'no gateway', '', false],
      ['p5', 'not read', '', false],
    ]);
  });
});
