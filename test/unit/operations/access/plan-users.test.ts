import { describe, expect, it } from 'vitest';
import { type UserChange, planUsers } from '../../../../src/operations/access/plan-users.ts';

const FILE = 'anna:$6$a\nbob:$6$b\n';

describe('a change of users', () => {
  // Who was logged in and is removed, or whose password got known, must not come in any more by the cookie.
  it.each<[string, UserChange, string, boolean, string]>([
    [
      'a new user ends no login',
      { kind: 'add', user: { name: 'carl', hash: '$6$c' } },
      `${FILE}carl:$6$c\n`,
      false,
      'added user carl',
    ],
    [
      'a new password ends all logins',
      { kind: 'passwd', user: { name: 'anna', hash: '$6$n' } },
      'anna:$6$n\nbob:$6$b\n',
      true,
      'changed the password of anna',
    ],
    [
      'removal ends all logins',
      { kind: 'remove', names: ['anna', 'dora'] },
      'bob:$6$b\n',
      true,
      'removed user anna',
    ],
    [
      'removal of nobody changes nothing',
      { kind: 'remove', names: ['dora'] },
      FILE,
      false,
      'there is no user dora',
    ],
    [
      'a copy adds who is missing',
      {
        kind: 'copy',
        from: 'gateway1',
        users: [
          { name: 'anna', hash: '$6$a' },
          { name: 'carl', hash: '$6$c' },
        ],
      },
      `${FILE}carl:$6$c\n`,
      false,
      'copied user carl from gateway1',
    ],
    [
      'a copy brings other passwords',
      { kind: 'copy', from: 'gateway1', users: [{ name: 'bob', hash: '$6$n' }] },
      'anna:$6$a\nbob:$6$n\n',
      true,
      'copied user bob from gateway1',
    ],
    [
      'a copy of what is there changes nothing',
      { kind: 'copy', from: 'gateway1', users: [{ name: 'bob', hash: '$6$b' }] },
      FILE,
      false,
      'has the users of gateway1 already',
    ],
  ])('%s', (_, change, text, endsLogins, what) => {
    expect(planUsers(FILE, change)).toMatchObject({ text, endsLogins, what, refusal: undefined });
  });

  it('that would overwrite a password, or give one to nobody, names the right command', () => {
    const user = { name: 'anna', hash: '$6$x' };
    expect(planUsers(FILE, { kind: 'add', user }).refusal).toEqual({
      message: 'user anna exists already. Nothing changed.',
      hint: 'dcvops access user passwd anna',
    });
    expect(planUsers('', { kind: 'passwd', user }).refusal).toEqual({
      message: 'there is no user anna here. Nothing changed.',
      hint: 'dcvops access user add anna',
    });
  });

  it('tells which users that shall be removed are not here', () => {
    expect(planUsers(FILE, { kind: 'remove', names: ['anna', 'dora'] }).missing).toEqual(['dora']);
  });
});
