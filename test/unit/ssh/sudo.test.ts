import { describe, expect, it } from 'vitest';
import { createSudoPassword, readSudoAnswer } from '../../../src/ssh/sudo.ts';
import { Secret } from '../../../src/shell/secret.ts';

const WHO = { host: 'agent1', user: 'anna' };

describe('what sudo says instead of starting a script', () => {
  it.each([
    ['sudo: a password is required\n'],
    ['sudo: unable to resolve host agent1: Name or service not known\nsudo: a password is required\n'],
    // sudo-rs, as Ubuntu 25.10 has it
    ['sudo: interactive authentication is required\n'],
  ])('%j asks for a password', (said) => {
    expect(readSudoAnswer(said, WHO)).toEqual({ kind: 'password-required' });
  });

  it.each([
    ["env: 'sudo': No such file or directory\n", /^there is no sudo on the host for anna/, /user: root/],
    ['env: ‘sudo’: No such file or directory\n', /^there is no sudo/, /user: root/],
    ['bash: line 1: sudo: command not found\n', /^there is no sudo/, /user: root/],
    [
      'anna is not in the sudoers file.\n',
      /does not let anna run sh as root \("anna is not in the sudoers file\."\)/,
      /NOPASSWD: \/usr\/bin\/sh/,
    ],
    [
      'anna is not in the sudoers file.  This incident will be reported.\n',
      /does not let anna/,
      /sudoers\.d/,
    ],
    [
      "Sorry, user anna is not allowed to execute '/usr/bin/sh -c x' as root on agent1.\n",
      /does not let anna/,
      /sudoers\.d/,
    ],
    ['sudo: sorry, you must have a tty to run sudo\n', /wants a terminal \(requiretty\)/, /!requiretty/],
    [
      'sudo: /etc/sudoers is world writable\n',
      /^sudo did not start the command: "sudo: \/etc\/sudoers is world writable"$/,
      undefined,
    ],
    ['', /^sudo did not start the command: it said nothing$/, undefined],
  ])('%j is final', (said, message, hint) => {
    const answer = readSudoAnswer(said, WHO);
    if (answer.kind !== 'refused') throw new Error('not refused');
    expect(answer.error).toMatchObject({ code: 'sudo', host: 'agent1' });
    expect(answer.error.message).toMatch(message);
    if (hint === undefined) expect(answer.error.hint).toBeUndefined();
    else expect(answer.error.hint).toMatch(hint);
  });
});

describe('the one password of a run', () => {
  const ask = (asked: string[]) => (host: string) => {
    asked.push(host);
    return Promise.resolve(new Secret('pw'));
  };
  const started = (value: string) => ({ kind: 'started' as const, value, asked: true });

  it('is asked once, and tried on one host before the others', async () => {
    const asked: string[] = [];
    const password = createSudoPassword({}, ask(asked));
    expect(password.isKnown()).toBe(false);
    const order: string[] = [];
    let release = (): void => undefined;
    const first = password.lend(WHO, async () => {
      order.push('first begins');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push('first ends');
      return started('one');
    });
    const second = password.lend({ ...WHO, host: 'agent2' }, (secret) => {
      order.push(`second with ${secret.reveal()}`);
      return Promise.resolve(started('two'));
    });
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect(await Promise.all([first, second])).toEqual(['one', 'two']);
    expect(order).toEqual(['first begins', 'first ends', 'second with pw']);
    expect(asked).toEqual(['agent1']);
    expect(password.isKnown()).toBe(true);
  });

  it('is tried nowhere else when it was wrong', async () => {
    const password = createSudoPassword({}, ask([]));
    const wrong = () => Promise.resolve({ kind: 'wrong-password' as const });
    const results = await Promise.allSettled([
      password.lend(WHO, wrong),
      password.lend({ ...WHO, host: 'agent2' }, () => Promise.reject(new Error('tried a second time'))),
    ]);
    expect(results).toMatchObject([
      { reason: { code: 'sudo', message: 'sudo refuses the password of anna; it was tried once' } },
      {
        reason: {
          code: 'sudo',
          host: 'agent2',
          message: 'the sudo password was wrong on agent1, and was not tried here',
        },
      },
    ]);
  });

  it('is still tried elsewhere when it was right on the first host', async () => {
    const password = createSudoPassword({}, ask([]));
    await password.lend(WHO, () => Promise.resolve(started('one')));
    const wrong = password.lend({ ...WHO, host: 'agent2' }, () =>
      Promise.resolve({ kind: 'wrong-password' as const }),
    );
    await expect(wrong).rejects.toMatchObject({
      host: 'agent2',
      message: 'sudo refuses the password of anna; it was tried once',
    });
    expect(await password.lend({ ...WHO, host: 'agent3' }, () => Promise.resolve(started('three')))).toBe(
      'three',
    );
  });

  it('goes to the next host when the first one was lost before it could answer', async () => {
    const password = createSudoPassword({}, ask([]));
    await expect(password.lend(WHO, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    expect(await password.lend(WHO, () => Promise.resolve(started('two')))).toBe('two');
  });

  it('comes from DCVOPS_SUDO_PASSWORD where that is set', async () => {
    const password = createSudoPassword({ DCVOPS_SUDO_PASSWORD: 'env' }, () =>
      Promise.reject(new Error('asked')),
    );
    const seen = await password.lend(WHO, (secret) => Promise.resolve(started(secret.reveal())));
    expect(seen).toBe('env');
  });
});
