import { type Command, InvalidArgumentError } from 'commander';
import { DcvopsError } from '../../errors.ts';
import { action } from '../context.ts';
import { sessionFileName } from './file-name.ts';
import { SESSION_ARGUMENT, withSessions } from './session-context.ts';

interface ScreenshotFlags {
  readonly output?: string;
  readonly maxWidth?: number;
  readonly maxHeight?: number;
  readonly force?: boolean;
}

export function registerScreenshot(session: Command): void {
  session
    .command('screenshot')
    .description('save a picture of a session as PNG')
    .argument('<agent[/id]...>', SESSION_ARGUMENT)
    .option('-o, --output <file>', 'where to; - is stdout (default: AGENT-ID.png here)')
    .option('--max-width <pixels>', 'make it smaller', pixels)
    .option('--max-height <pixels>', 'make it smaller', pixels)
    .option('--force', 'replace a file that is there')
    .action(
      action(async (context, names: string[], flags: ScreenshotFlags) => {
        const { output, maxWidth, maxHeight } = flags;
        if (output === '-' && (context.json || process.stdout.isTTY)) {
          throw new DcvopsError('usage', 'a picture on stdout goes to a file or a pipe, without --json');
        }
        const { takeScreenshots } = await import('../../operations/session/screenshot.ts');
        const taken = await withSessions(context, names, (sessions, targets) => {
          if (output !== undefined && targets.length > 1) {
            throw new DcvopsError('usage', `${targets.length} sessions do not go into one file`, {
              hint: 'without -o, each gets a file of its own',
            });
          }
          return takeScreenshots(sessions, targets, {
            maxWidth,
            maxHeight,
            overwrite: flags.force === true,
            to: (target) =>
              output === '-'
                ? (png) => process.stdout.write(png)
                : (output ?? sessionFileName(target.agent.name, target.id, 'png')),
          });
        });
        if (context.json) context.printJson(taken);
        return 0;
      }),
    );
}

function pixels(text: string): number {
  if (/^[1-9][0-9]{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of pixels.');
}
