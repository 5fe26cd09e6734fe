import { spawn } from 'node:child_process';

/** Programs keep running with some browsers; one that fails does so at once. */
const FAILS_WITHIN_MS = 3_000;

/**
 * The program that opens an address in the desktop's browser; undefined where there is no desktop, since some of these
 * programs would start a browser for terminals then. Pure.
 */
export function browserCommand(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (platform === 'darwin') return 'open';
  const hasDesktop = [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((one) => one !== undefined && one !== '');
  return hasDesktop ? 'xdg-open' : undefined;
}

/**
 * Opens an address in the browser of this desktop, which goes on without this program.
 * @returns why it could not be; undefined when it was opened
 */
export function openBrowser(command: string, url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, [url], { stdio: 'ignore', detached: true });
    const waiting = setTimeout(() => {
      resolve(undefined);
    }, FAILS_WITHIN_MS);
    const end = (problem: string | undefined): void => {
      clearTimeout(waiting);
      resolve(problem);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ENOENT' ? `there is no ${command} program on this machine` : error.message);
    });
    child.once('exit', (code) => {
      end(
        code === 0 ? undefined : `${command} ended with ${code === null ? 'a signal' : `exit code ${code}`}`,
      );
    });
    child.unref();
  });
}
