import type { Reading } from '../../status/types.ts';
import { within } from '../../within.ts';

/** How long a host may keep silent before its last word is not worth much any more. */
const SILENCE_MS = 15_000;

/**
 * Makes a question that can be asked again and again, though a host may take longer for its answer than anybody wants to
 * wait: it is never asked twice at the same time, and whoever does not wait gets the last answer. One that was good is given
 * for so long only.
 */
export function askAgain<Figures>(
  ask: () => Promise<Reading<Figures>>,
  silenceMs = SILENCE_MS,
): (patienceMs?: number) => Promise<Reading<Figures>> {
  let running: { readonly answer: Promise<Reading<Figures>>; readonly since: number } | undefined;
  let last: Reading<Figures> | undefined;

  function start(): { readonly answer: Promise<Reading<Figures>>; readonly since: number } {
    const answer = ask().then((reading) => (last = reading));
    const forget = (): void => {
      running = undefined;
    };
    answer.then(forget, forget);
    return { answer, since: performance.now() };
  }

  return async (patienceMs) => {
    running ??= start();
    const { answer, since } = running;
    if (patienceMs === undefined || last === undefined) return answer;
    const inTime = await within(patienceMs, answer);
    const silentMs = performance.now() - since;
    if (inTime !== undefined) return inTime;
    return last.ok && silentMs > silenceMs ? noWord(silentMs) : last;
  };
}

function noWord(silentMs: number): Extract<Reading<never>, { ok: false }> {
  return {
    ok: false,
    code: 'unreachable',
    message: `no word for ${Math.round(silentMs / 1000)} s; still waiting`,
    hint: undefined,
  };
}
