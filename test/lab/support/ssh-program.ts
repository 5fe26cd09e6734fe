import { text } from 'node:stream/consumers';
import pLimit from 'p-limit';
import { Secret } from '../../../src/shell/secret.ts';
import { sh } from '../../../src/shell/shell.ts';
import { openPool } from '../../../src/ssh/pool.ts';
import type { Remote } from '../../../src/ssh/remote.ts';

/**
 * What the SSH layer is to do on the operator's side, as JSON on stdin; what became of it is printed as JSON.
 */
export interface SshJob {
  readonly hosts: readonly { readonly name: string; readonly address: string; readonly user: string }[];
  readonly key: string;
  readonly knownHosts: string;
  /** The answer to the question for sudo's password; undefined: a question is an error. */
  readonly password?: string;
  /** Run as root on each host, one after another, these scripts. */
  readonly scripts: readonly string[];
  readonly how: 'run' | 'converse';
  /** One host after the other; otherwise side by side. */
  readonly oneByOne?: boolean;
  readonly stdin?: string;
  readonly keepaliveMs?: number;
}

export interface SshJobResult {
  /** For each host and script. */
  readonly results: readonly (
    | { readonly host: string; readonly code: number; readonly stdout: string; readonly stderr: string }
    | { readonly host: string; readonly error: string; readonly message: string; readonly hint?: string }
  )[];
  /** The hosts for which the password was asked. */
  readonly asked: readonly string[];
}

const job = JSON.parse(await text(process.stdin)) as SshJob;
const asked: string[] = [];
const hosts = job.hosts.map(({ name, address, user }) => ({
  name,
  host: address,
  ssh: {
    ...{ port: undefined, user, key: job.key, knownHosts: job.knownHosts },
    ...{ jump: undefined, hostKeys: 'strict' as const },
  },
}));
const pool = openPool({
  hosts,
  askPassphrase: () => Promise.reject(new Error('no passphrase was expected')),
  askSudoPassword(host) {
    asked.push(host);
    return job.password === undefined
      ? Promise.reject(new Error('no sudo password was expected'))
      : Promise.resolve(new Secret(job.password));
  },
  keepaliveMs: job.keepaliveMs,
});

const turns = pLimit(job.oneByOne === true ? 1 : hosts.length);
const results = await Promise.all(
  hosts.map((host) =>
    turns(async () => {
      const done = [];
      for (const script of job.scripts) {
        try {
          const remote = await pool.connect(host);
          done.push({ host: host.name, ...(await runAsRoot(remote, script)) });
        } catch (error) {
          const { code, message, hint } = error as { code?: string; message: string; hint?: string };
          done.push({ host: host.name, error: code ?? 'bug', message, hint });
        }
      }
      return done;
    }),
  ),
);
pool.close();
process.stdout.write(JSON.stringify({ results: results.flat(), asked }));

async function runAsRoot(
  remote: Remote,
  command: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = { name: 'test', text: sh`eval ${command}`, root: true };
  if (job.how === 'run') return remote.run(script, job.stdin === undefined ? {} : { stdin: job.stdin });
  const talk = await remote.converse(script);
  if (job.stdin !== undefined) await talk.write(job.stdin);
  talk.end();
  const chunks: Uint8Array[] = [];
  for await (const chunk of talk.stdout) chunks.push(chunk);
  return { ...(await talk.finished), stdout: Buffer.concat(chunks).toString() };
}
