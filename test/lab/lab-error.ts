/** A failure of the lab itself, told to a person: what is wrong, and what to type next. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** The failure as lines for a person. */
export function explain(error: LabError): string {
  const next = error.hint === undefined ? '' : `\n  Next: ${error.hint.replaceAll('\n', '\n        ')}`;
  return `✖ ${error.message}${next}`;
}
