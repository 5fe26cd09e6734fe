import { describe, expect, it } from 'vitest';
import { createBudget } from '../../../../src/logs/bundle/budget.ts';

/** Takes, and notes when it was let in. */
function taker(total: number): { take: (name: string, bytes: number) => Promise<() => void>; let: string[] } {
  const budget = createBudget(total);
  const admitted: string[] = [];
  return {
    let: admitted,
    take: async (name, bytes) => {
      const giveBack = await budget.take(bytes);
      admitted.push(name);
      return giveBack;
    },
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the budget of memory: twenty hosts with large logs must not fill it', () => {
  it('lets in what fits, and the next when there is room again, in the order they came', async () => {
    const { take, let: admitted } = taker(10);
    const first = await take('first', 6);
    const second = take('second', 6);
    const third = take('third', 1);
    await settle();
    expect(admitted).toEqual(['first']);
    first();
    (await second)();
    (await third)();
    expect(admitted).toEqual(['first', 'second', 'third']);
  });

  it('lets in a piece that is larger than all there is, alone, instead of waiting for ever', async () => {
    const { take, let: admitted } = taker(10);
    const large = await take('large', 100);
    const small = take('small', 1);
    await settle();
    expect(admitted).toEqual(['large']);
    large();
    (await small)();
    expect(admitted).toEqual(['large', 'small']);
  });
});
