import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEARTBEAT, conversationCommand, guardedCommand } from '../../../src/ssh/guard.ts';
import { program, sh } from '../../../src/shell/shell.ts';

const MARK = 'dcvops-0123456789abcdef';

/** The guard is shell that runs on hosts of all kinds: it is tried with each shell that is here to be sh. */
describe.each(['dash', 'bash', 'busybox'].filter((name) => existsSync(`/bin/${name}`)))(
  'the guard under %s',
  (shell) => {
    let folder: string;

    beforeAll(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'dcvops-guard-'));
      symlinkSync(`/bin/${shell}`, path.join(folder, 'sh'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    interface Running {
      readonly ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
      readonly write: (data: string) => void;
      readonly endInput: () => void;
      readonly stdoutHas: (text: string) => Promise<void>;
    }

    function start(command: string): Running {
      // HOME: with a socket for its stdin bash takes itself for a remote shell and reads ~/.bashrc
      const env = { ...process.env, HOME: folder, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
      const child = spawn(path.join(folder, 'sh'), ['-c', command], { env, stdio: 'pipe', detached: true });
      const text = { stdout: '', stderr: '' };
      const listeners = new Set<() => void>();
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].on('data', (data: Buffer) => {
          text[name] += data.toString();
          for (const listener of listeners) listener();
        });
      }
      child.stdin.on('error', () => undefined);
      return {
        ended: new Promise((resolve) =>
          child.on('close', (code, signal) => {
            resolve({ code, signal, ...text });
          }),
        ),
        write: (data) => child.stdin.write(data),
        endInput: () => child.stdin.end(),
        stdoutHas: (wanted) =>
          new Promise((resolve) => {
            const look = (): void => {
              if (text.stdout.includes(wanted)) resolve();
            };
            listeners.add(look);
            look();
          }),
      };
    }

    const guarded = (
      text: ReturnType<typeof sh>,
      more: { stdinSize?: number; limitSeconds?: number; silenceSeconds?: number } = {},
    ) =>
      start(
        guardedCommand(
          { name: 'x', text, args: ['one'] },
          { mark: MARK, root: 'as-is', stdinSize: 0, limitSeconds: undefined, ...more },
        ),
      );

    it('marks both outputs, hands arguments and code on, and ends though stdin stays open', async () => {
      const running = guarded(program`echo "out $1 $0"; echo err >&2; exit 9`);
      expect(await running.ended).toMatchObject({
        code: 9,
        stdout: `${MARK}\nout one dcvops\n`,
        stderr: `${MARK}\nerr\n`,
      });
    });

    it('gives the script its bytes of stdin and no more', async () => {
      const running = guarded(program`cat; echo end`, { stdinSize: 5 });
      running.write('12345');
      expect((await running.ended).stdout).toBe(`${MARK}\n12345end\n`);
    });

    it('ends the script and its children with the channel’s stdin', async () => {
      const pids = path.join(folder, 'pids');
      const running = guarded(sh`sleep 1000 & echo $! $$ > ${pids}; echo ready; wait`);
      await running.stdoutHas('ready');
      running.endInput();
      const { code } = await running.ended;
      expect(code).toBe(143);
      for (const pid of readFileSync(pids, 'utf8').trim().split(' ')) expect(isRunning(pid)).toBe(false);
    });

    it('ends the script when its time has passed', async () => {
      const running = guarded(program`echo ready; sleep 1000`, { limitSeconds: 0.2 });
      expect((await running.ended).code).toBe(124);
    });

    it('ends a script that is followed when nobody was heard for so long, and not before', async () => {
      const heard = guarded(program`echo ready; sleep 1000`, { silenceSeconds: 2 });
      const unheard = guarded(program`echo ready; sleep 1000`, { silenceSeconds: 2 });
      const ends: string[] = [];
      void heard.ended.then(() => ends.push('heard'));
      void unheard.ended.then(() => ends.push('unheard'));
      const heartbeat = setInterval(() => {
        heard.write(HEARTBEAT);
      }, 200);
      expect((await unheard.ended).code).toBe(143);
      expect(ends).toEqual(['unheard']);
      clearInterval(heartbeat);
      heard.endInput();
      expect((await heard.ended).code).toBe(143);
    });

    it('waits for the mark on stdin and drops what comes before it: a password that sudo did not want', async () => {
      const script = { name: 'x', text: program`cat` };
      const carriage = { mark: MARK, root: 'sudo-with-password' } as const;
      const withoutSudo = (command: string): string => command.replace(/ sudo -S -p \S+/, '');
      for (const command of [
        guardedCommand(script, { ...carriage, stdinSize: 4, limitSeconds: undefined }),
        conversationCommand(script, carriage),
      ]) {
        const running = start(withoutSudo(command));
        running.write(`s3cret\n${MARK}\ndata`);
        await running.stdoutHas('data');
        running.endInput();
        expect((await running.ended).stdout).toBe(`${MARK}\ndata`);
      }
    });

    it('does not start a script whose mark never comes', async () => {
      const carriage = { mark: MARK, root: 'sudo-with-password' } as const;
      const command = conversationCommand({ name: 'x', text: program`echo started` }, carriage);
      const running = start(command.replace(/ sudo -S -p \S+/, ''));
      running.write('s3cret\n');
      running.endInput();
      expect(await running.ended).toMatchObject({ code: 125, stdout: `${MARK}\n` });
    });
  },
);

function isRunning(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
