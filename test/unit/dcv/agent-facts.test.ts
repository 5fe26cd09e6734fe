import { describe, expect, it } from 'vitest';
import { parseAgentFacts, parseAgentSessions } from '../../../src/dcv/agent-facts.ts';
import type { ScriptRecord } from '../../../src/shell/records.ts';

const WANTED = { id: 'desk', user: 'ec2-user', owner: 'jane' };

function records(told: readonly (readonly [string, string])[]): ScriptRecord[] {
  return told.map(([name, value]) => ({ name, value }));
}

function facts(...told: (readonly [string, string])[]): ReturnType<typeof parseAgentFacts> {
  return parseAgentFacts(records(told), WANTED);
}

describe('parseAgentFacts', () => {
  it('reads an agent with everything', () => {
    expect(
      facts(
        ['version', 'Amazon DCV 2023.0 (r14852)'],
        ['sessions', '[{"id":"desk","owner":"jane","type":"virtual"}]'],
        ['connections', '[{"id":1,"username":"jane","client-address":"10.0.0.1:1"}]'],
        ['unit', 'LoadState=loaded\nActiveState=active'],
        ['conf', '[security]\nauthentication="none"'],
        ['account', 'ec2-user'],
        ['password', 'L'],
        ['account', 'jane'],
        ['password', 'P'],
      ),
    ).toMatchObject({
      version: 'Amazon DCV 2023.0 (r14852)',
      service: 'active',
      sessions: [{ id: 'desk', owner: 'jane' }],
      silence: undefined,
      connections: [{ username: 'jane' }],
      accounts: [
        { name: 'ec2-user', exists: true, password: 'none' },
        { name: 'jane', exists: true, password: 'set' },
      ],
      login: 'none',
    });
  });

  it('reads a host without DCV', () => {
    expect(facts(['unit', 'LoadState=not-found\nActiveState=inactive'], ['conf', ''])).toEqual({
      version: undefined,
      service: 'absent',
      sessions: undefined,
      silence: undefined,
      connections: undefined,
      accounts: [
        { name: 'ec2-user', exists: false, password: 'unknown' },
        { name: 'jane', exists: false, password: 'unknown' },
      ],
      login: 'system',
    });
  });

  it.each([
    ['LoadState=loaded\nActiveState=active', 'active'],
    ['LoadState=loaded\nActiveState=reloading', 'active'],
    ['LoadState=loaded\nActiveState=activating', 'starting'],
    ['LoadState=loaded\nActiveState=inactive', 'stopped'],
    ['LoadState=loaded\nActiveState=failed', 'stopped'],
    ['LoadState=loaded\nActiveState=deactivating', 'stopped'],
    ['LoadState=masked\nActiveState=inactive', 'absent'],
    ['', 'absent'],
  ])('takes unit %j as %s', (unit, service) => {
    expect(parseAgentSessions(records([['unit', unit]])).service).toBe(service);
  });

  it.each([
    ['P', 'set'],
    ['PS', 'set'],
    ['L', 'none'],
    ['LK', 'none'],
    ['NP', 'none'],
    ['', 'unknown'],
    ['?', 'unknown'],
  ])('takes the password status %j of passwd -S as %s: a wrong one warns for nothing', (status, password) => {
    expect(facts(['account', 'jane'], ['password', status]).accounts[1]?.password).toBe(password);
  });

  it.each([
    ['', 'system'],
    ['[security]\nauthentication="system"', 'system'],
    ["[security]\nauthentication='none'", 'none'],
    ['[security]\r\nauthentication = "none"\r\n', 'none'],
    ['[security]\n#authentication="none"', 'system'],
    ['[other]\nauthentication="none"', 'system'],
    ['[security]\nauthentication=none', 'none'],
    ['[security]\nauthentication="none"\nauthentication="system"', 'system'],
    ['[security]\nauth-token-verifier="https://broker:8445/agent/validate-authentication-token"', 'token'],
    ['[security]\nauth-token-verifier=""', 'system'],
  ])('takes %j as login by %s', (conf, login) => {
    expect(facts(['conf', conf]).login).toBe(login);
  });
});
