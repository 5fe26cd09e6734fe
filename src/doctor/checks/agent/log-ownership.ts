import { basename } from 'node:path/posix';
import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import type { AgentFacts } from '../../facts/agent.ts';
import { giveLogs } from '../../fixes.ts';

/** Logs that those who write them cannot write, mostly since an account got another number. */
export const logOwnership = agentCheck({
  id: 'agent/log-ownership',
  severity: 'error',
  title: 'DCV cannot write its logs',
  why: 'dcvserver or a session ends at once when its log belongs to somebody else, as after a change of an account’s number.',
  remedy: 'dcvops exec --sudo AGENT -- chown dcv /var/log/dcv/server.log',
  fix: 'gives each log to the account that writes it; cannot be undone',
  symptoms: ['service', 'session'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent }) => {
    const foreign = [...folder(agent), ...agent.logs.foreign];
    if (foreign.length === 0) return undefined;
    const owned = foreign.flatMap(({ path }) => {
      const owner = writerOf(path, agent);
      return owner === undefined ? [] : [{ path, owner }];
    });
    return {
      severity: foreign.some(({ path }) => writerOf(path, agent) === 'dcv') ? 'error' : 'warning',
      seen: foreign
        .map(
          ({ path, owner }) =>
            `${path} belongs to ${owner === 'UNKNOWN' ? 'an account that is gone' : owner}`,
        )
        .join('; '),
      remedy: steps(
        ...owned.map(({ path, owner }) => asRoot(name, 'chown', owner, path)),
        owned.length < foreign.length ? asRoot(name, 'ls', '-l', agent.logs.directory) : undefined,
      ),
      ...(owned.length === 0 ? {} : { fix: giveLogs(name, owned) }),
    };
  },
});

/** The folder itself, when its owner is a number that no account has. */
function folder({ logs }: AgentFacts): { readonly path: string; readonly owner: string }[] {
  const owner = logs.directoryOwner;
  return owner !== undefined && /^\d+$/.test(owner) ? [{ path: logs.directory, owner }] : [];
}

/** Who writes a log, by its name: `agent.USER.SESSION.log` is that user's. undefined: it cannot be told. */
function writerOf(path: string, { logs, accounts }: AgentFacts): string | undefined {
  const file = basename(path);
  if (path === logs.directory || file.startsWith('server.log')) return 'dcv';
  if (file.startsWith('sessionlauncher.log')) return 'root';
  const rest = /^(?:agent|Xdcv|dcv-xsession|dcv-session)\.(.+)$/.exec(file)?.[1];
  return accounts.find(({ name, exists }) => exists && rest?.startsWith(`${name}.`) === true)?.name;
}
