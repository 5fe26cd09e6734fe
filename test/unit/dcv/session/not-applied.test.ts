import { describe, expect, it } from 'vitest';
import { notApplied } from '../../../../src/dcv/session/not-applied.ts';
import { parseSessions } from '../../../../src/dcv/session/parse.ts';

const [DESK] = parseSessions('[{"id":"desk","owner":"jane","type":"virtual","name":"Jane’s desk"}]');

function said(...options: string[]): { message: string; hint?: string } | undefined {
  if (DESK === undefined) throw new Error('no session');
  return notApplied(DESK, { agent: 'agent1', id: 'desk', options });
}

const AGAIN = 'dcvops session close agent1/desk   (ends that desktop)\ndcvops session create agent1/desk';

describe('notApplied: no option is dropped in silence', () => {
  it.each([
    [[]],
    [['--type=virtual', '--user=jane', '--owner=jane', '--wait', '--replace', '--end-sessions']],
    [['--name=Jane’s desk']],
  ])('says nothing of %j', (options) => {
    expect(said(...options)).toBeUndefined();
  });

  it.each([
    [['--name=a b'], '--name', "dcvops session rename agent1/desk 'a b'"],
    [
      ['--permissions-file=strict.perm'],
      '--permissions-file',
      'dcvops session permissions agent1/desk --file strict.perm',
    ],
    [
      ['--permissions-file=own.perm', '--name=x=y'],
      '--permissions-file, --name',
      'dcvops session permissions agent1/desk --file own.perm\ndcvops session rename agent1/desk x=y',
    ],
    [
      ['--permissions-file=agent:/etc/dcv/own.perm'],
      '--permissions-file',
      `${AGAIN} --permissions-file=agent:/etc/dcv/own.perm`,
    ],
    [['--gl=on', '--name=x'], '--gl, --name', `${AGAIN} --gl=on --name=x`],
    [['--disable-login-monitor'], '--disable-login-monitor', `${AGAIN} --disable-login-monitor`],
    [['--storage-root=%home%'], '--storage-root', `${AGAIN} --storage-root=%home%`],
    [['--max-concurrent-clients=1'], '--max-concurrent-clients', `${AGAIN} --max-concurrent-clients=1`],
    [['--init=start.sh'], '--init', `${AGAIN} --init=start.sh`],
  ])('names %j, and how it is done', (options, names, hint) => {
    expect(said(...options)).toEqual({
      message: `"desk" was there already and is left as it is; not applied: ${names}.`,
      hint,
    });
  });
});
