import { describe, expect, it } from 'vitest';
import type { DcvopsError } from '../../../../src/errors.ts';
import { type SignInOptions, signIn } from '../../../../src/operations/session/sign-in.ts';
import { type Answer, type ScriptedAgents, scriptedAgents } from '../scripted-agents.ts';

const TOKEN = 'a1b2'.repeat(16);
const READY: Exclude<Answer, DcvopsError> = [
  ['version', ''],
  ['sessions', '[{"id":"desk","owner":"jane","type":"virtual"}]'],
  ['conf', '[security]\nauth-token-verifier="http://127.0.0.1:8444"'],
  ['port', ''],
  ['program', ''],
  ['help', '{add-user,remove-auth}'],
  ['runner', ''],
  ['authenticator', 'LoadState=loaded\nActiveState=active'],
  ['folder', ''],
];
const REMOVE = 'dcvops exec --sudo agent1 -- dcvsimpleextauth remove-auth --session=desk';

async function signedIn(
  told: Answer,
  options: Partial<SignInOptions> = {},
  facts = READY,
): Promise<ScriptedAgents & { readonly made: Awaited<ReturnType<typeof signIn>>[number] | undefined }> {
  const scripted = scriptedAgents({ agent1: [facts, told] });
  const targets = scripted.agents.map((agent) => ({ agent, id: 'desk' }));
  const [made] = await signIn(scripted.context, targets, {
    user: undefined,
    as: 'link',
    validMs: 600_000,
    ...options,
  });
  return { ...scripted, made };
}

describe('signIn', () => {
  it('says that a link works once, and until when, by this machine’s clock', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const { made, notes, ran } = await signedIn([
      ['left', '599'],
      ['token', TOKEN],
    ]);
    const after = Date.now();
    const expires = made?.expires?.getTime() ?? 0;
    expect(expires).toBeGreaterThanOrEqual(before + 599_000);
    expect(expires).toBeLessThanOrEqual(after + 599_000);
    const until = made?.expires?.toISOString().replace('.000', '') ?? '';
    expect(notes()).toEqual([
      `agent1: whoever opens this link first is signed in to desk as jane. It works once, until ${until} (10m). → ${REMOVE}   (takes back all tokens of this session)`,
    ]);
    expect(made?.token?.reveal()).toBe(TOKEN);
    expect(ran('agent1')[1]?.text.toString()).toContain('seconds=600\n');
  });

  it('says that an earlier link works no more', async () => {
    const { notes } = await signedIn([
      ['replaced', ''],
      ['left', '600'],
      ['token', TOKEN],
    ]);
    expect(notes()[0]).toMatch(/^agent1: the link to desk that was made before works no more/);
  });

  it('says that a reusable one has no end, and gives it none', async () => {
    const { made, notes, ran } = await signedIn([['token', TOKEN]], { validMs: undefined });
    expect(made?.expires).toBeUndefined();
    expect(notes()).toEqual([
      expect.stringMatching(
        /^agent1: whoever has this link is signed in .* perhaps more than once, until the host/,
      ),
    ]);
    expect(ran('agent1')[1]?.args).toEqual([]);
  });

  it('says nothing of taking back a token where nothing can', async () => {
    const old = READY.filter(([name]) => name !== 'help');
    const { notes } = await signedIn([['token', TOKEN]], { validMs: undefined }, old);
    expect(notes()).toEqual([expect.stringMatching(/ → $/)]);
  });

  it('says that somebody else than the owner needs the session’s permission', async () => {
    const { notes } = await signedIn(
      [
        ['left', '600'],
        ['token', TOKEN],
      ],
      { user: 'joe' },
      [...READY, ['account', '']],
    );
    expect(notes()[0]).toBe(
      'agent1: joe gets in only if the permissions of desk, which is jane’s, say so → dcvops session permissions agent1/desk --file FILE',
    );
  });

  it.each<[Answer, string, string]>([
    [
      [['refused', 'no such session']],
      'dcvsimpleextauth took no token: no such session',
      'dcvops exec --sudo agent1 -- dcvsimpleextauth add-user --help',
    ],
    [
      [
        ['replaced', ''],
        ['refused', ''],
      ],
      'dcvsimpleextauth took no token: it said nothing. The link that was made before works no more.',
      'dcvops exec --sudo agent1 -- dcvsimpleextauth add-user --help',
    ],
    [
      [['not-replaced', '']],
      'no link was made, for the one that was made before cannot be taken back',
      REMOVE,
    ],
    [
      [['not-watched', 'Failed to start transient service unit']],
      'no link was made, for the unit that takes its token back did not start: Failed to start transient service unit',
      'dcvops exec --sudo agent1 -- journalctl --no-pager --lines=20 --unit=dcvops-sign-in-',
    ],
    [
      [['failed', 'dcv does not tell who is connected']],
      'no link was made: dcv does not tell who is connected',
      'dcvops doctor agent1',
    ],
  ])('says why there is no link: %j', async (told, message, hint) => {
    const { made, events } = await signedIn(told);
    expect(made).toMatchObject({ outcome: 'failed', message });
    expect(made?.hint).toContain(hint);
    expect(made?.token).toBeUndefined();
    expect(events).toHaveLength(1);
  });
});
