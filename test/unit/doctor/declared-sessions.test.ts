import { describe, expect, it } from 'vitest';
import { AGENT_CHECKS } from '../../../src/doctor/checks/agent.ts';
import { diagnose } from '../../../src/doctor/diagnose.ts';
import type { AgentFacts } from '../../../src/doctor/facts/agent.ts';
import type { FactSet } from '../../../src/doctor/facts/fleet.ts';
import { agentFacts, healthySet, hostOf } from './healthy.ts';

/* An agent is judged by the sessions that are declared for it, whatever the inventory's usual session is. */

/** The console of jane's is declared for agent1 and there; everywhere else it is a virtual session of ec2-user. */
function declaring(changes: Partial<AgentFacts> = {}): FactSet {
  const set = healthySet();
  const [agent1] = set.inventory.agents;
  if (agent1 === undefined) throw new Error('no agent in this set');
  agent1.declared = {
    sessions: [{ id: 'console', type: 'console', owner: 'jane' }],
    fingerprint: 'a'.repeat(64),
  };
  const {
    sessions: [session] = [],
    accounts: [account],
  } = agentFacts();
  if (session === undefined || account === undefined) throw new Error('no session in these facts');
  const host = hostOf(set, 'agent1');
  host.agent = agentFacts({
    sessions: [
      { ...session, id: 'console', type: 'console', owner: 'jane', user: undefined, display: undefined },
    ],
    accounts: [{ ...account, name: 'jane', home: '/home/jane' }],
    persisted: { fingerprint: 'a'.repeat(64), enabled: true, active: 'active' },
    conf: { 'security/authentication': 'system', 'session-management/max-sessions-per-user': '1' },
    ...changes,
  });
  return set;
}

/** "check: what was seen → what to do", of the checks about sessions and their accounts. */
function found(set: FactSet): string[] {
  return diagnose(set, AGENT_CHECKS)
    .findings.filter(({ check }) => /session|password|home/.test(check))
    .map(({ check, seen, remedy }) => `${check}: ${seen} → ${remedy.replaceAll('\n', ' && ')}`);
}

const declared = (): {
  session: NonNullable<AgentFacts['sessions']>[number];
  account: AgentFacts['accounts'][number];
} => {
  const { agent } = hostOf(declaring(), 'agent1');
  const { sessions: [session] = [], accounts: [account] = [] } = agent ?? {};
  if (session === undefined || account === undefined) throw new Error('no session in these facts');
  return { session, account };
};

describe('an agent with declared sessions', () => {
  it('is fine with them, though they are of another kind and owner than the usual one', () => {
    expect(found(declaring())).toEqual([]);
  });

  it('has another kind of session in their way: it is closed, and they are restored', () => {
    const { session } = declared();
    const changes = { sessions: [{ ...session, id: 'desk', type: 'virtual' as const }], processes: [] };
    expect(found(declaring(changes))).toEqual([
      'agent/session-kinds: the inventory wants console sessions; there is desk (virtual) → dcvops session close agent1/desk && dcvops session restore agent1',
    ]);
  });

  it('has one that belongs to root: it is made anew as it is declared', () => {
    const { session } = declared();
    expect(found(declaring({ sessions: [{ ...session, owner: 'root' }] }))).toEqual([
      'agent/session-owner: console belongs to root; the inventory wants jane → dcvops session close agent1/console && dcvops session restore agent1',
    ]);
  });

  it('misses the account of one', () => {
    const { account } = declared();
    expect(found(declaring({ sessions: [], accounts: [{ ...account, exists: false }] }))).toEqual([
      'agent/session-owner: there is no account jane (the owner of sessions) → dcvops exec --sudo agent1 -- useradd --create-home jane && or name another account for the declared session in inventory/hosts.yaml',
    ]);
  });

  it('has an owner without a password', () => {
    const { account } = declared();
    expect(found(declaring({ accounts: [{ ...account, password: 'none' }] }))).toEqual([
      expect.stringMatching(/^agent\/password-missing: jane has no password/),
    ]);
  });

  it('has no place for one, by its own owner’s limit', () => {
    const { session } = declared();
    expect(found(declaring({ sessions: [{ ...session, id: 'other' }] }))).toEqual([
      'agent/session-limit: jane has 1 of at most 1 sessions (max-sessions-per-user) → dcvops session list agent1',
    ]);
  });
});
