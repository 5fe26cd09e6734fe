import { DcvopsError } from '../errors.ts';
import { Secret } from '../shell/secret.ts';
import { sanitise } from './sanitise.ts';

/** A question to the person at the terminal. */
export interface Question {
  /** What is asked, without the answer's form: "Trust these 3 keys?". */
  readonly text: string;
  /** The option that answers it where nobody can be asked: `--take-over`. */
  readonly flag: string;
}

export interface Confirmation extends Question {
  /** True for what `--yes` may never answer: ended sessions, an open gateway, host keys, hand-edited files. */
  readonly neverByYes?: boolean;
  /** Thrown by {@link confirmOrThrow} when the answer is no, and in place of the usage error when nobody can be asked. */
  readonly refusal?: DcvopsError;
}

export interface TextQuestion extends Question {
  readonly default?: string;
  /** Returns what is wrong with an answer, or undefined. */
  readonly validate?: (answer: string) => string | undefined;
}

/**
 * The person at the terminal. Without a terminal every question throws a `usage` error that names the flag which
 * answers it; no operation needs to know whether somebody is there.
 */
export interface Ask {
  confirm(question: Confirmation): Promise<boolean>;
  input(question: TextQuestion): Promise<string>;
  password(question: Question): Promise<Secret>;
}

export type Confirm = Ask['confirm'];

export interface AskOptions {
  /** True when stdin and stderr are terminals. */
  readonly interactive: boolean;
  /** `--yes`. */
  readonly yes: boolean;
  /** Called before a question is drawn, so that a live display can step aside. */
  readonly beforeQuestion: () => Promise<void>;
}

/** Asks on stderr (stdout is for data), with inquirer, which is loaded with the first question. */
export function createAsk(options: AskOptions): Ask {
  const streams = { output: process.stderr };

  async function ready(question: Question): Promise<void> {
    if (!options.interactive) throw cannotAsk(question);
    await options.beforeQuestion();
  }

  return {
    async confirm(question) {
      if (options.yes && question.neverByYes !== true) return true;
      if (!options.interactive && question.refusal !== undefined) throw question.refusal;
      await ready(question);
      const { default: confirm } = await import('@inquirer/confirm');
      return answered(confirm({ message: sanitise(question.text), default: false }, streams));
    },
    async input(question) {
      await ready(question);
      const { default: input } = await import('@inquirer/input');
      const { validate } = question;
      return answered(
        input(
          {
            message: sanitise(question.text),
            ...(question.default === undefined ? {} : { default: question.default }),
            ...(validate === undefined ? {} : { validate: (answer: string) => validate(answer) ?? true }),
          },
          streams,
        ),
      );
    },
    async password(question) {
      await ready(question);
      const { default: password } = await import('@inquirer/password');
      return new Secret(await answered(password({ message: sanitise(question.text) }, streams)));
    },
  };
}

/** Asks, and throws the question's own refusal when the answer is no. */
export async function confirmOrThrow(confirm: Confirm, question: Confirmation): Promise<void> {
  if (await confirm(question)) return;
  throw question.refusal ?? new DcvopsError('failed', 'Answered no. Nothing changed.');
}

/** The error for a question that nobody can answer. */
export function cannotAsk(question: Question): DcvopsError {
  return new DcvopsError('usage', `"${question.text}" needs an answer, and there is no terminal to ask on`, {
    hint: `answer it with ${question.flag}`,
  });
}

async function answered<T>(prompt: Promise<T>): Promise<T> {
  try {
    return await prompt;
  } catch (error) {
    // inquirer throws ExitPromptError when Ctrl-C ends a prompt
    if (error instanceof Error && error.name === 'ExitPromptError') {
      throw new DcvopsError('interrupted', 'interrupted at a question; nothing was changed', {
        cause: error,
      });
    }
    throw error;
  }
}
