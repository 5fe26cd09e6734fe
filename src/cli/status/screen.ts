import { createLogUpdate } from 'log-update';
import { DcvopsError } from '../../errors.ts';
import { createOutput } from '../../report/output.ts';
import { statusAsJson } from '../../status/format-json.ts';
import { type Round, formatRound } from '../../status/format-round.ts';
import { changesBetween } from '../../status/hosts.ts';
import type { FleetStatus } from '../../status/types.ts';
import type { CliContext } from '../context.ts';

/** Shows one look at the fleet after the other. */
export interface StatusScreen {
  /** Resolves when the next one may come; at the signal as well. */
  readonly show: (status: FleetStatus) => Promise<void>;
  /** Leaves what was shown last where it is. */
  readonly end: () => void;
}

/**
 * In place on a terminal that can; elsewhere one table after another with an empty line between, or with `--json` one object
 * a line.
 */
export function createStatusScreen(context: CliContext): StatusScreen {
  const remember = createMemory();
  // other lines, as -v has them, would be drawn over
  const inPlace = process.stdout.isTTY && process.env['TERM'] !== 'dumb' && context.verbosity === 0;
  if (inPlace && !context.json) return drawnInPlace(context, remember);
  const output = createOutput(process.stdout, context.signal);
  let first = true;
  return {
    async show(status) {
      const text = context.json
        ? `${JSON.stringify(statusAsJson(status))}\n`
        : `${first ? '' : '\n'}${formatRound(remember(status), { style: context.style })}`;
      first = false;
      await output.write(text).catch(ignoreInterruption);
    },
    end: () => undefined,
  };
}

function drawnInPlace(context: CliContext, remember: (status: FleetStatus) => Round): StatusScreen {
  const draw = createLogUpdate(process.stdout);
  return {
    show(status) {
      const { columns: width, rows: height } = process.stdout;
      draw(formatRound(remember(status), { style: context.style, width, height, cut: true }).trimEnd());
      return Promise.resolve();
    },
    end: () => {
      draw.done();
    },
  };
}

function createMemory(): (status: FleetStatus) => Round {
  let before: FleetStatus | undefined;
  let lastChange: Round['lastChange'];
  return (status) => {
    const changes = before === undefined ? [] : changesBetween(before.hosts, status.hosts);
    if (changes.length > 0) lastChange = { at: status.at, changes };
    before = status;
    return { status, lastChange };
  };
}

/** The watch itself ends at the signal. */
function ignoreInterruption(error: unknown): void {
  if (!(error instanceof DcvopsError) || error.code !== 'interrupted') throw error;
}
