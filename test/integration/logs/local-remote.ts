import { type ChildProcess, spawn } from 'node:child_process';
import { DcvopsError } from '../../../src/errors.ts';
import type { Script } from '../../../src/shell/script.ts';
import type { Following, Remote } from '../../../src/ssh/remote.ts';

/** This machine as a host: scripts are run by its own `sh`, as root or not. */
export interface LocalRemote extends Remote {
  /** Ends every script of this name, as somebody on the host might. */
  readonly kill: (name: string) => void;
}

/** @param before called before a script is started, with its name: for what happens on the host in that moment */
export function localRemote(before: (name: string) => void = () => undefined): LocalRemote {
  const running = new Map<ChildProcess, string>();
  let lost = false;
  const end = (child: ChildProcess): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    } catch {
      // it has ended by itself
    }
  };
  const never = (): never => {
    throw new Error('logs are only followed');
  };

  function follow(script: Script): Promise<Following> {
    before(script.name);
    const child = spawn('sh', ['-c', script.text.toString(), 'dcvops', ...(script.args ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, LC_ALL: 'C' },
    });
    running.set(child, script.name);
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    const finished = new Promise<{ code: number; stderr: string }>((resolve, reject) => {
      child.once('close', (code) => {
        running.delete(child);
        if (lost) reject(new DcvopsError('unreachable', 'the connection is lost', { host: 'local' }));
        else resolve({ code: code ?? 143, stderr });
      });
    });
    finished.catch(() => undefined);
    return Promise.resolve({
      stdout: child.stdout,
      finished,
      end: () => {
        end(child);
      },
    });
  }

  return {
    name: 'local',
    follow,
    run: async (script) => {
      const { stdout, finished } = await follow(script);
      const chunks: Uint8Array[] = [];
      for await (const chunk of stdout) chunks.push(chunk);
      return { ...(await finished), stdout: Buffer.concat(chunks).toString() };
    },
    converse: never,
    tunnel: never,
    close() {
      lost = true;
      for (const child of running.keys()) end(child);
    },
    kill(name) {
      for (const [child, script] of running) if (script === name) end(child);
    },
  };
}
