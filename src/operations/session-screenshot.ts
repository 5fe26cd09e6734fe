import { open } from 'node:fs/promises';
import type { ScreenshotSize } from '../dcv/commands.ts';
import { readPngSize } from '../dcv/png.ts';
import type { SessionTarget } from '../dcv/select-sessions.ts';
import { LARGEST_SCREENSHOT, screenshotScript } from '../dcv/session-act.ts';
import { DcvopsError } from '../errors.ts';
import { formatBytes } from '../report/quantity.ts';
import { act } from './session-act.ts';
import type { SessionContext } from './session-create.ts';
import { type SessionResult, workOnSessions } from './session-targets.ts';
import { fileExists } from './write-new-file.ts';

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
    if (typeof to === 'string' && !options.overwrite) await refuseExisting(to, target);
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
    if (typeof to === 'string') await save(to, png, options.overwrite, target);
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

async function save(file: string, png: Buffer, overwrite: boolean, target: SessionTarget): Promise<void> {
  try {
    const handle = await open(file, overwrite ? 'w' : 'wx', 0o600);
    try {
      await handle.writeFile(png);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST'
      ? exists(file, target)
      : cannotWrite(file, error);
  }
}

/** Before anything is asked of the host: a picture that cannot be kept is not taken. */
async function refuseExisting(file: string, target: SessionTarget): Promise<void> {
  if (await fileExists(file)) throw exists(file, target);
}

function exists(file: string, { agent }: SessionTarget): DcvopsError {
  return new DcvopsError('failed', `${file} is there already. It was left alone.`, {
    host: agent.name,
    hint: 'another name with -o FILE.png, or --force',
  });
}

function cannotWrite(file: string, error: unknown): DcvopsError {
  const why = error instanceof Error ? error.message : String(error);
  return new DcvopsError('failed', `${file} cannot be written: ${why}`, { cause: error });
}
