import { describe, expect, it } from 'vitest';
import { closeConnection, readUsage, type UsageWord } from '../../../../src/dcv/session/close-connection.ts';

const session = (option?: string): UsageWord => ({ what: 'session', option });
const connection = (option?: string): UsageWord => ({ what: 'connection', option });

describe('readUsage: the wrong argument would end somebody else’s connection', () => {
  it.each([
    ['Usage: dcv close-connection SESSION CONNECTION', [session(), connection()]],
    ['usage: dcv close-connection [-h] session-id connection-id', [session(), connection()]],
    ['Usage:\n  dcv close-connection [OPTIONS] <connection_id> <session_id>', [connection(), session()]],
    ['Usage: dcv close-connection [options] <session> <connection>...', [session(), connection()]],
    ['Usage: /usr/bin/dcv close-connection --session SESSION CONNECTION', [session('session'), connection()]],
    [
      'Usage: dcv close-connection [--session-id=<id>] [--connection <id>]\n',
      [session('session-id'), connection('connection')],
    ],
    [
      'Usage: dcv close-connection [OPTION…]\n  -s, --session <SESSION>\n  -c, --client-id <ID>\n',
      [session('session'), connection('client-id')],
    ],
    ['Usage:\n  dcv close-connection [OPTION?] session_id connection_id\n', [session(), connection()]],
    [
      'Usage: dcv close-connection [OPTION…] session\n --all  Every connection\n --connection=ID\n',
      [connection('connection'), session()],
    ],
  ])('%j', (help, words) => {
    expect(readUsage(help)).toEqual(words);
  });

  it.each([
    '',
    'dcv: command not found',
    'Unknown command close-connection',
    'Usage: dcv list-connections SESSION CONNECTION',
    'Usage: dcv close-connection [OPTION…]',
    'Usage: dcv close-connection [OPTION?] WHOM?',
    'Usage: dcv close-connection ID',
    'Usage: dcv close-connection SESSION',
    'Usage: dcv close-connection SESSION CONNECTION REASON',
    'Usage: dcv close-connection SESSION SESSION CONNECTION',
    'Usage: dcv close-connection CONNECTION\n --session  All of the session\n',
  ])('does not guess at %j', (help) => {
    expect(readUsage(help)).toBeUndefined();
  });
});

describe('closeConnection', () => {
  it.each([
    [[session(), connection()], 'dcv close-connection desk 3'],
    [[session('session'), connection()], 'dcv close-connection --session=desk 3'],
    [[session('session'), connection('client')], 'dcv close-connection --session=desk --client=3'],
    [[connection(), session()], 'dcv close-connection 3 desk'],
  ])('%j', (usage, command) => {
    expect(closeConnection(usage, { session: 'desk', connection: '3' }).toString()).toBe(command);
  });

  it('never lets an id be taken for an option, or for shell text', () => {
    expect(closeConnection([session(), connection()], { session: '-x', connection: '1;id' }).toString()).toBe(
      "dcv close-connection -- -x '1;id'",
    );
  });
});
