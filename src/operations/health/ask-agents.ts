import pLimit from 'p-limit';
import { parseAgentSessions, readSessions } from '../../dcv/agent-facts.ts';
import { DcvopsError } from '../../errors.ts';
import { type Judgement, judgeAgent } from '../../gateway/health/judge-agent.ts';
import { AGENT_PORT } from '../../gateway/ports.ts';
import { probePath } from '../../gateway/probe.ts';
import { urlOf } from '../../inventory/endpoints.ts';
import type { AgentHost } from '../../inventory/types.ts';
import { parseRecords } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import type { HealthContext, HealthOptions } from './types.ts';

/** nginx gives an agent up after five seconds; one that takes longer than this for its version serves nobody well. */
const TIMEOUT_MS = 3_000;

/**
 * Asks agents for their version as a proxy reaches them, through its SSH connection: the host itself needs no program for
 * it.
 * @returns by the agents' names
 * @throws DcvopsError `unreachable` when the connection to the proxy is lost, `failed` when its sshd forwards nothing
 */
export async function askAgents(
  context: Pick<HealthContext, 'connect' | 'concurrency'>,
  remote: Remote,
  agents: readonly AgentHost[],
  { needsSession }: Pick<HealthOptions, 'needsSession'>,
): Promise<Map<string, Judgement>> {
  const limit = pLimit(context.concurrency);
  const answers = await Promise.all(
    agents.map((agent) =>
      limit(async (): Promise<[string, Judgement]> => {
        const judgement = await askAgent(remote, agent);
        return [
          agent.name,
          needsSession && judgement.verdict === 'alive' ? await askForSession(context, agent) : judgement,
        ];
      }),
    ),
  );
  return new Map(answers);
}

async function askAgent(remote: Remote, agent: AgentHost): Promise<Judgement> {
  const answer = await probePath(
    {
      url: urlOf(agent.host, AGENT_PORT),
      dial: () => remote.tunnel(agent.host, AGENT_PORT),
      timeoutMs: TIMEOUT_MS,
      // nothing is verified: pins are nginx's affair
      roots: [],
    },
    `${agent.webUrlPath ?? ''}/version`,
  );
  if (!answer.answered && answer.cause instanceof DcvopsError) {
    const { cause } = answer;
    if (cause.code !== 'failed') throw cause;
    if (/administratively prohibited/i.test(cause.message)) {
      throw new DcvopsError(
        'failed',
        'sshd forwards no connections here, so agents can’t be asked from it.',
        {
          host: remote.name,
          hint: `allow it in sshd_config (AllowTcpForwarding yes), then dcvops health apply ${remote.name}`,
        },
      );
    }
    return judgeAgent({ ...answer, reason: cause.message.replace(/^.*: /, '').toLowerCase() });
  }
  return judgeAgent(answer);
}

/** By the agent's own SSH. One that can't be asked is not dead for that. */
async function askForSession(
  { connect }: Pick<HealthContext, 'connect'>,
  agent: AgentHost,
): Promise<Judgement> {
  try {
    const { stdout } = await (await connect(agent)).run(readSessions());
    const { sessions } = parseAgentSessions(parseRecords(stdout));
    if (sessions === undefined) return { verdict: 'unknown', reason: 'dcv does not tell its sessions' };
    return sessions.length > 0
      ? { verdict: 'alive', reason: `${sessions.length} ${sessions.length === 1 ? 'session' : 'sessions'}` }
      : { verdict: 'dead', reason: 'no session' };
  } catch (error) {
    if (!(error instanceof DcvopsError) || error.code === 'interrupted') throw error;
    return { verdict: 'unknown', reason: error.message };
  }
}
