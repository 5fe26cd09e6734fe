import { type ShellText, sh, words } from '../shell/shell.ts';

/**
 * A command of one of DCV's own programs. It is no shell text, so that no script runs it but by the functions below.
 */
export class DcvCommand {
  readonly #text: ShellText;

  /** @param text one simple command, of which words may be the script's own: `"$1"` */
  constructor(text: ShellText) {
    this.#text = text;
  }

  /** As somebody would type it. */
  toString(): string {
    return this.#text.toString();
  }

  /** For what takes the command itself as data. */
  get text(): ShellText {
    return this.#text;
  }
}

/** `dcvCommand(['dcv', 'close-session', id])`, each word quoted. */
export function dcvCommand(argv: readonly string[]): DcvCommand {
  return new DcvCommand(words(argv));
}

/** Seconds that dcv has to answer a question; one that hangs is given no more. */
const ANSWER_SECONDS = 20;

/**
 * What a command of DCV's runs under. Scripts run in the C locale; there its library, GLib, refuses arguments that are not
 * ASCII, and prints "?" for what is not. And its messages are to be English, whatever LANGUAGE the host has.
 */
export const DCV_LOCALE = words(['env', 'LC_ALL=C.UTF-8', 'LANGUAGE=']);

/** For what has a limit of its own: a probe, or a `timeout` around several. */
export function unlimitedDcv(command: DcvCommand): ShellText {
  return sh`${DCV_LOCALE} ${command.text}`;
}

/** Runs a command of DCV's, and ends it after so many seconds: then its exit code is 124. */
export function runDcv(command: DcvCommand, seconds = ANSWER_SECONDS): ShellText {
  return sh`timeout ${seconds} ${unlimitedDcv(command)}`;
}

/** Asks for JSON, and for text where dcv has no JSON. One that hangs is not asked again: it would cost its limit each time. */
export function askDcv(json: DcvCommand, text: DcvCommand): ShellText {
  return sh`{ ${runDcv(json)} || { [ $? -ne 124 ] && ${runDcv(text)}; }; }`;
}
