import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import { type Ask, type Confirmation, confirmOrThrow, createAsk } from '../../../src/report/ask.ts';

const question = { text: 'Replace it?', flag: '--take-over' };
const refusal = new DcvopsError('failed', 'it would hide ours. Nothing changed.', { hint: '--take-over' });

/** As in a pipe: nobody is there. */
function askNobody(yes = false): Ask {
  return createAsk({ interactive: false, yes, beforeQuestion: () => Promise.resolve() });
}

describe('a question that nobody is there to answer', () => {
  it.each([
    ['confirm', (ask: Ask) => ask.confirm(question)],
    ['input', (ask: Ask) => ask.input(question)],
    ['password', (ask: Ask) => ask.password(question)],
  ])(
    '%s is a usage error that names the option which answers it, instead of a program that waits',
    async (_, put) => {
      await expect(put(askNobody())).rejects.toMatchObject({
        code: 'usage',
        message: '"Replace it?" needs an answer, and there is no terminal to ask on',
        hint: 'answer it with --take-over',
      });
    },
  );

  it('is the operation’s own refusal, where it has one', async () => {
    await expect(askNobody().confirm({ ...question, refusal })).rejects.toBe(refusal);
  });
});

describe('--yes', () => {
  it('answers a question', async () => {
    expect(await askNobody(true).confirm({ ...question, refusal })).toBe(true);
  });

  it.each<[string, Confirmation, unknown]>([
    ['by the refusal', { ...question, refusal, neverByYes: true }, refusal],
    ['by a usage error', { ...question, neverByYes: true }, { code: 'usage' }],
  ])(
    'never answers what ends sessions, opens the gateway or trusts a key: ended %s',
    async (_, asked, error) => {
      await expect(askNobody(true).confirm(asked)).rejects.toMatchObject(error as object);
    },
  );
});

describe('an answer of no', () => {
  it.each<[string, Confirmation, unknown]>([
    ['its own refusal', { ...question, refusal }, refusal],
    ['a plain one', question, { code: 'failed', message: 'Answered no. Nothing changed.' }],
  ])('ends the work with %s', async (_, asked, error) => {
    await expect(confirmOrThrow(() => Promise.resolve(false), asked)).rejects.toMatchObject(error as object);
  });

  it('is not a yes', async () => {
    await expect(confirmOrThrow(() => Promise.resolve(true), question)).resolves.toBeUndefined();
  });
});
