import { describe, expect, it } from 'vitest';
import {
  type Check,
  type Sighting,
  agentCheck,
  operatorCheck,
  pathCheck,
  proxyCheck,
  reachCheck,
} from '../../../src/doctor/check.ts';
import { diagnose } from '../../../src/doctor/diagnose.ts';
import { healthySet } from './healthy.ts';

const SEEN: Sighting = { seen: 'it is so', remedy: 'dcvops check' };
const about = (id: string, follows: readonly string[] = []) => ({
  id,
  severity: 'error' as const,
  title: id,
  why: 'it matters',
  remedy: 'dcvops check',
  follows,
});

const onAgent = (
  id: string,
  host: string,
  follows?: readonly string[],
  changes: Partial<Sighting> = {},
): Check =>
  agentCheck({
    ...about(id, follows),
    look: ({ name }) => (name === host ? { ...SEEN, ...changes } : undefined),
  });

function shown(catalogue: readonly Check[]): string[] {
  return diagnose(healthySet(), catalogue).findings.map(
    ({ check, subject, silences }) => `${check} ${subject} ${silences}`,
  );
}

describe('a cause before its symptoms', () => {
  it('silences what follows from it on the same host, and says how much', () => {
    const session = onAgent('agent/session-missing', 'agent1', ['agent/service-down']);
    const service = onAgent('agent/service-down', 'agent1');
    expect(shown([session, service])).toEqual(['agent/service-down agent1 1']);
  });

  it('silences nothing on another host', () => {
    const session = onAgent('agent/session-missing', 'agent2', ['agent/service-down']);
    const service = onAgent('agent/service-down', 'agent1');
    expect(shown([session, service])).toEqual([
      'agent/session-missing agent2 0',
      'agent/service-down agent1 0',
    ]);
  });

  it('counts a consequence of a consequence for the first cause', () => {
    const chain = [
      onAgent('agent/session-missing', 'agent1', ['agent/service-down']),
      onAgent('agent/service-down', 'agent1', ['agent/licence']),
      onAgent('agent/licence', 'agent1'),
    ];
    expect(shown(chain)).toEqual(['agent/licence agent1 2']);
    expect(diagnose(healthySet(), chain).silenced.map(({ check, because }) => [check, because])).toEqual([
      ['agent/session-missing', { check: 'agent/service-down', subject: 'agent1' }],
      ['agent/service-down', { check: 'agent/licence', subject: 'agent1' }],
    ]);
  });

  it('a broken path follows from its proxy as well as from its agent, and from this machine', () => {
    const path = pathCheck({
      ...about('path/route', ['proxy/nginx-stopped', 'operator/key-file']),
      look: () => SEEN,
    });
    const nginx = proxyCheck({ ...about('proxy/nginx-stopped'), look: () => SEEN });
    const key = operatorCheck({ ...about('operator/key-file'), look: () => SEEN });
    expect(shown([path])).toEqual(['path/route agent1 0', 'path/route agent2 0']);
    expect(shown([path, nginx])).toEqual(['proxy/nginx-stopped gateway 2']);
    expect(shown([path, key])).toEqual(['operator/key-file operator 2']);
  });

  it('what is wrong with this machine for some hosts explains nothing of the others', () => {
    const login = reachCheck({ ...about('reach/key-unusable', ['operator/key-file']), look: () => SEEN });
    const key = operatorCheck({
      ...about('operator/key-file'),
      look: () => ({ ...SEEN, involves: ['agent1', 'gateway'] }),
    });
    expect(shown([login, key])).toEqual(['reach/key-unusable agent2 0', 'operator/key-file operator 2']);
  });

  it('a warning that keeps people from working is an error: the exit code must not say that all is well', () => {
    const session = onAgent('agent/session-missing', 'agent1', ['agent/service-down']);
    const service = onAgent('agent/service-down', 'agent1', ['host/memory'], { severity: 'note' });
    const memory = onAgent('host/memory', 'agent1', [], { severity: 'warning' });
    const harmless = onAgent('agent/quic', 'agent1', ['host/memory'], { severity: 'note' });
    const severities = (catalogue: readonly Check[]): string[] =>
      diagnose(healthySet(), catalogue).findings.map(({ check, severity }) => `${check} ${severity}`);
    expect(severities([memory, harmless])).toEqual(['host/memory warning']);
    expect(severities([onAgent('agent/a', 'agent1', ['host/memory']), memory])).toEqual([
      'host/memory error',
    ]);
    // a note in between explains nothing
    expect(severities([session, service, memory])).toEqual([
      'agent/session-missing error',
      'host/memory warning',
    ]);
  });

  it('a finding that has other causes than its check mostly has is shown', () => {
    const gateway = onAgent('leftovers/connection-gateway', 'agent1');
    const follows = ['leftovers/connection-gateway'];
    expect(shown([onAgent('agent/port-taken', 'agent1', follows), gateway])).toHaveLength(1);
    expect(shown([onAgent('agent/port-taken', 'agent1', follows, { follows: [] }), gateway])).toHaveLength(2);
  });

  it('a note explains nothing', () => {
    const session = onAgent('agent/session-missing', 'agent1', ['agent/quic']);
    const note = onAgent('agent/quic', 'agent1', [], { severity: 'note' });
    expect(shown([note, session])).toEqual(['agent/session-missing agent1 0', 'agent/quic agent1 0']);
  });
});

describe('the order', () => {
  it('is errors, warnings, notes, and the catalogue’s among equals', () => {
    const one = (id: string, severity: Sighting['severity']): Check =>
      onAgent(id, 'agent1', [], severity === undefined ? {} : { severity });
    const catalogue = [
      one('agent/a', 'note'),
      one('agent/b', 'warning'),
      one('agent/c', 'error'),
      one('agent/d', 'warning'),
    ];
    expect(shown(catalogue).map((line) => line.split(' ')[0])).toEqual([
      'agent/c',
      'agent/b',
      'agent/d',
      'agent/a',
    ]);
  });

  it('a host that could not be asked has no findings of its own', () => {
    const set = healthySet();
    for (const host of set.hosts) delete host.system;
    expect(diagnose(set, [onAgent('agent/a', 'agent1')]).findings).toEqual([]);
  });
});
