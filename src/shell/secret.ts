import { inspect } from 'node:util';

/**
 * A value that must not be seen: a password, a passphrase. It prints as `***` wherever it ends up by accident (logs,
 * errors, JSON, a debugger's console); it travels on stdin, never in argv.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one place that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}
