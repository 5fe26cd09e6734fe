import { describe, expect, it } from 'vitest';
import { dcvops } from './dcvops.ts';

// What cannot work is said before an inventory is read or a host is asked.

describe('dcvops session', () => {
  it.each([
    [['rename', 'agent1'], 'give the session’s new name, or --none'],
    [['rename', 'agent1', 'x', '--none'], 'give the session’s new name, or --none'],
    [['rename', 'agent1', ' '], 'a name cannot be empty; --none takes it away'],
    [['rename', 'agent1', 'x'.repeat(257)], '256 characters at most'],
    [['rename', 'agent1', 'two\nlines'], 'one line of text'],
    [['layout', 'agent1', 'wide'], '"wide" is no display layout'],
    [['permissions', 'agent1'], 'give one of --file FILE, --none and --reset-builtin'],
    [['permissions', 'agent1', '--none', '--reset-builtin'], 'give one of --file FILE'],
    [['permissions', 'agent1', '--file', 'no/such/file'], 'no/such/file cannot be read'],
    [
      ['permissions', 'agent1', '--file', 'package.json'],
      'is no permissions file: it has no [permissions] section',
    ],
    [['screenshot', 'agent1', '--max-width', '0'], 'It must be a whole number of pixels.'],
    [['screenshot', 'agent1', '-o', '-', '--json'], 'a picture on stdout goes to a file or a pipe'],
    [['url'], 'whose URL?'],
    [['url', '--file', 'agent1'], 'the word behind --file is its name'],
    [['url', 'agent1', '--user', 'jane'], '--user says whom --sign-in signs in'],
    [['url', 'agent1', '--sign-in', '--open'], 'would show the token to everybody on this machine'],
    [['url', 'agent1', '--valid', '5m'], '--valid says how long the link of --sign-in can be used'],
    [['url', 'agent1', '--reusable'], '--reusable is about the link of --sign-in'],
    [['url', 'agent1', '--sign-in', '--reusable', '--valid', '5m'], 'so --valid cannot be kept'],
    [['url', 'agent1', '--sign-in', '--valid', '59s'], 'such as 10m or 2h, from 1m to 24h.'],
    [['url', 'agent1', '--sign-in', '--valid', '25h'], 'such as 10m or 2h, from 1m to 24h.'],
    [['url', 'agent1', '--sign-in', '--valid', 'lunch'], 'such as 10m or 2h, from 1m to 24h.'],
    [['url', 'agent1', '--file', '-', '--json'], 'goes without --json'],
    [['kick', 'agent1'], 'say who is to go'],
    [['kick', 'agent1', '1', '--all'], 'say who is to go'],
    [['kick', 'agent1', '--user', 'jane', '--all'], 'say who is to go'],
    [['idle', '--older-than', 'lunch'], 'It must be a time such as 30m, 2h or 7d.'],
    [['idle', '--older-than', '09:00'], 'It must be a time such as 30m, 2h or 7d.'],
  ])('%j', async (words, message) => {
    const { code, stdout, stderr } = await dcvops('session', ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
