import type { ScreenshotSize } from '../../dcv/commands.ts';
import { LARGEST_SCREENSHOT, screenshotScript } from '../../dcv/session/act.ts';
import { readPngSize } from '../../dcv/session/png.ts';
import type { SessionTarget } from '../../dcv/session/select.ts';
import { DcvopsError } from '../../errors.ts';
import { formatBytes } from '../../report/quantity.ts';
import { fileExists } from '../write-new-file.ts';
import { fileIsThere, writePrivateFile } from '../write-private-file.ts';
import { act } from './act.ts';
import type { SessionContext } from './context.ts';
import { type SessionResult, workOnSessions } from './targets.ts';

export interface ScreenshotOptions extends ScreenshotSize {
  /** Where the picture of a session goes: a file, or whoever takes the bytes. */
  readonly to: (target: SessionTarget) => string | ((png: Buffer) => void);
  /** `--force`: replace a file that is there. */
  readonly overwrite: boolean;
}

export interface Screenshot {
  /** undefined: it went to stdout. */
  readonly file: string | undefined;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** base64 with a bar and a line break for each 76 characters is less than half again as long; the rest is the sessions. */
const MOST_OUTPUT = 1.5 * LARGEST_SCREENSHOT + 1024 * 1024;

/**
 * Takes a picture of each session and saves it. A file is readable by its owner only, for it may show anything, and one that
 * is there already is left alone.
 */
export function takeScreenshots(
  context: SessionContext,
  targets: readonly SessionTarget[],
  options: ScreenshotOptions,
): Promise<(SessionResult & Partial<Screenshot>)[]> {
  return workOnSessions<Screenshot>(context, targets, async (remote, target) => {
    const to = options.to(target);
    // before anything is asked of the host: a picture that cannot be kept is not taken
    if (typeof to === 'string' && !options.overwrite && (await fileExists(to))) throw fileIsThere(to);
    const { records } = await act(remote, target, screenshotScript(target.id, options), {
      maxOutputBytes: MOST_OUTPUT,
    });
    const png = pictureOf(target, (name) => records.find((record) => record.name === name)?.value);
    const size = readPngSize(png);
    if (size === undefined) {
      throw new DcvopsError(
        'failed',
        `dcv did not give a PNG but ${formatBytes(png.length)} of something else`,
        {
          host: target.agent.name,
        },
      );
    }
    if (typeof to === 'string') await writePrivateFile(to, png, options);
    else to(png);
    return {
      message: `${target.id}: ${size.width}x${size.height}${typeof to === 'string' ? ` in ${to}` : ''}`,
      more: { file: typeof to === 'string' ? to : undefined, ...size, bytes: png.length },
    };
  });
}

function pictureOf({ agent }: SessionTarget, told: (name: string) => string | undefined): Buffer {
  const tooLarge = told('too-large');
  if (tooLarge !== undefined) {
    throw new DcvopsError(
      'failed',
      `the picture has ${formatBytes(Number(tooLarge))}, and ${formatBytes(LARGEST_SCREENSHOT)} is the most`,
      { host: agent.name, hint: 'make it smaller with --max-width 1920' },
    );
  }
  const png = told('png');
  if (png === undefined) {
    throw new DcvopsError('failed', 'dcv made no picture, and did not say why', { host: agent.name });
  }
  return Buffer.from(png, 'base64');
}
