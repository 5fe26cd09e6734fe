/** Bytes that may be in memory at once, over all hosts. */
export interface Budget {
  /** Waits until so many are free; what is returned gives them back. More than all there are is taken for all. */
  readonly take: (bytes: number) => Promise<() => void>;
}

/** First come, first served: a large piece is not passed by small ones for ever. */
export function createBudget(total: number): Budget {
  const waiting: { readonly bytes: number; readonly admit: () => void }[] = [];
  let free = total;
  const admitNext = (): void => {
    for (;;) {
      const [next] = waiting;
      if (next === undefined || next.bytes > free) return;
      waiting.shift();
      free -= next.bytes;
      next.admit();
    }
  };
  return {
    take: (wanted) =>
      new Promise((resolve) => {
        const bytes = Math.min(wanted, total);
        const admit = (): void => {
          resolve(() => {
            free += bytes;
            admitNext();
          });
        };
        waiting.push({ bytes, admit });
        admitNext();
      }),
  };
}
