import { describe, expect, it } from 'vitest';
import { askAgain } from '../../../../src/operations/status/patience.ts';
import type { Reading } from '../../../../src/status/types.ts';

type Answer = Reading<string>;

const good = (figures: string): Answer => ({ ok: true, figures });
const bad: Answer = { ok: false, code: 'unreachable', message: 'gone', hint: undefined };

/** A host that answers when the test says so. */
function host(): { ask: () => Promise<Answer>; answer: (reading: Answer) => void; asked: () => number } {
  const waiting: ((reading: Answer) => void)[] = [];
  let asked = 0;
  return {
    ask: () => {
      asked += 1;
      return new Promise((resolve) => waiting.push(resolve));
    },
    answer: (reading) => waiting.shift()?.(reading),
    asked: () => asked,
  };
}

// One host that hangs must not freeze the screen, nor be shown as if it were well.
describe('a host that is asked again and again', () => {
  it('is waited for the first time', async () => {
    const { ask, answer } = host();
    const first = askAgain(ask)(1);
    answer(good('1'));
    expect(await first).toEqual(good('1'));
  });

  it('shows its last answer while the next one is late, and is not asked twice meanwhile', async () => {
    const { ask, answer, asked } = host();
    const read = askAgain(ask);
    const first = read();
    answer(good('1'));
    await first;
    expect(await read(1)).toEqual(good('1'));
    expect(await read(1)).toEqual(good('1'));
    expect(asked()).toBe(2);
    answer(good('2'));
    expect(await read(1000)).toEqual(good('2'));
  });

  it('is not shown as well for ever', async () => {
    const { ask, answer } = host();
    const read = askAgain(ask, 0);
    const first = read();
    answer(good('1'));
    await first;
    expect(await read(1)).toMatchObject({
      ok: false,
      code: 'unreachable',
      message: expect.stringContaining('still waiting') as string,
    });
  });

  it('shows why it was lost while it is tried again', async () => {
    const { ask, answer } = host();
    const read = askAgain(ask, 0);
    const first = read();
    answer(bad);
    await first;
    expect(await read(1)).toEqual(bad);
    answer(good('back'));
    expect(await read(1000)).toEqual(good('back'));
  });

  it('passes on what is no answer at all', async () => {
    const read = askAgain<string>(() => Promise.reject(new Error('a bug')));
    await expect(read()).rejects.toThrow('a bug');
    await expect(read(1)).rejects.toThrow('a bug');
  });
});
