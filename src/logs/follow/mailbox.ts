/** Holds the newest value for a reader who may be busy: what it did not come to read is replaced. */
export interface Mailbox<T> {
  readonly put: (value: T) => void;
  /** The reader reads what is left, and ends. */
  readonly close: () => void;
  readonly values: AsyncIterable<T>;
}

export function createMailbox<T>(): Mailbox<T> {
  let held: { readonly value: T } | undefined;
  let closed = false;
  let wake = (): void => undefined;
  async function* values(): AsyncGenerator<T> {
    for (;;) {
      if (held !== undefined) {
        const { value } = held;
        held = undefined;
        yield value;
      } else if (closed) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    put(value) {
      held = { value };
      wake();
    },
    close() {
      closed = true;
      wake();
    },
    values: values(),
  };
}
