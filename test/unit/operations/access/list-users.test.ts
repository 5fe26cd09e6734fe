import { expect, it } from 'vitest';
import { type ProxyUsers, userAdvice, userRows } from '../../../../src/operations/access/list-users.ts';

const good = (name: string) => ({ name, hash: 'SHA-512', problem: undefined });

const LISTS: readonly ProxyUsers[] = [
  { proxy: 'east', asked: true, users: [good('anna'), { name: 'bob', hash: 'bcrypt', problem: 'slow' }] },
  { proxy: 'west', asked: true, users: [good('anna')] },
  { proxy: 'gone', asked: undefined, users: undefined },
];

it('shows which proxy lacks whom, and which was not read', () => {
  expect(userRows(LISTS)).toEqual([
    { name: 'anna', cells: ['SHA-512', 'SHA-512', '?'] },
    { name: 'bob', cells: ['bcrypt (slow)', '-', '?'] },
  ]);
});

it('says how a proxy gets the users that it lacks, and who needs a better hash', () => {
  expect(userAdvice(LISTS).map(({ hint }) => hint)).toEqual([
    'dcvops access user copy --from east west',
    'dcvops access user passwd bob',
  ]);
  expect(userAdvice(LISTS.slice(1, 2))).toEqual([]);
});
