/** A line on stderr that says what is being waited for; gone when it is over. */
export interface Spinner {
  readonly update: (text: string) => void;
  readonly stop: () => void;
}

/**
 * Shows that something is going on, on a terminal; elsewhere, and where it is not wanted, nothing is shown. ora is loaded
 * with the first one.
 */
async function startSpinner(text: string, wanted: boolean): Promise<Spinner> {
  if (!wanted) return { update: () => undefined, stop: () => undefined };
  const { default: ora } = await import('ora');
  const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
  return {
    update: (next) => {
      spinner.text = next;
    },
    stop: () => {
      spinner.stop();
    },
  };
}

/** Shows a spinner for as long as the work takes. */
export async function withSpinner<T>(
  text: string,
  wanted: boolean,
  work: (spinner: Spinner) => Promise<T>,
): Promise<T> {
  const spinner = await startSpinner(text, wanted);
  try {
    return await work(spinner);
  } finally {
    spinner.stop();
  }
}
