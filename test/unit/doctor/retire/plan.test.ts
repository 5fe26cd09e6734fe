import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/dcv/conf/file.ts';
import { describePlan } from '../../../../src/doctor/retire/describe.ts';
import { planUndo } from '../../../../src/doctor/retire/plan-undo.ts';
import { planRetire } from '../../../../src/doctor/retire/plan.ts';
import type {
  RetireFacts,
  RetireOptions,
  Retirable,
  UnitState,
} from '../../../../src/doctor/retire/types.ts';

const BROKERS = '[security]\nadministrators=["dcvsmagent"]\n';
const OWN = '[security]\n';

const on = (unit: string): UnitState => ({ unit, loaded: true, active: true, enabled: true });
const off = (unit: string): UnitState => ({ unit, loaded: true, active: false, enabled: false });
const conf = (text: string): RetireFacts['conf'] => ({ text, digest: digestOf(text), mode: '644 root:root' });

function facts(changes: Partial<RetireFacts> = {}): RetireFacts {
  return {
    units: [off('dcv-session-manager-broker.service'), on('dcvserver.service')],
    leftovers: {
      connectionGateway: undefined,
      broker: undefined,
      sessionManagerAgent: undefined,
      resolver: undefined,
      retired: [],
    },
    conf: conf(OWN),
    viewers: 0,
    clients: [],
    portHolder: undefined,
    retired: [],
    ...changes,
  };
}

const NOT: RetireOptions = { restart: false, endSessions: false };
const GATEWAY = {
  role: 'proxy',
  port: 8443,
  certificate: '/etc/dcv-connection-gateway/certs/dcv.crt',
  key: '/etc/ssl/dcv.key',
} as const;

function plan(what: Retirable, changes: Partial<RetireFacts>, options = NOT): ReturnType<typeof planRetire> {
  return planRetire('host1', what, facts(changes), options, GATEWAY);
}

function resolver(unit: string | undefined): RetireFacts['leftovers'] {
  return { ...facts().leftovers, resolver: { port: 9000, program: 'node', pid: 4, unit } };
}

/* What is decided here is stopped on real hosts: too much cuts people off, too little leaves them locked out. */
describe('the plan', () => {
  it('stops what runs or would run at boot, and nothing else', () => {
    const units = [
      { ...on('dcv-session-manager-agent.service'), active: false },
      off('dcv-session-manager-broker.service'),
      on('dcv-connection-gateway.service'),
      on('dcvserver.service'),
    ];
    expect(plan('broker', { units })).toMatchObject({
      kind: 'retire',
      units: [{ unit: 'dcv-session-manager-agent.service' }],
      conf: undefined,
      restart: 'not-needed',
    });
  });

  it('keeps the certificates that nginx uses, and says so', () => {
    const found = plan('connection-gateway', {
      units: [on('dcv-connection-gateway.service')],
      portHolder: 'dcv-connection-',
    });
    if (found.kind !== 'retire') throw new Error(found.message);
    expect(found.next).toBe('dcvops deploy host1');
    expect(describePlan(found)).toBe(`retires the connection gateway:
  stop and disable dcv-connection-gateway.service
  keep /etc/dcv-connection-gateway/certs/dcv.crt: nginx uses it
  keep packages, configuration and data: nothing is removed
  undo: dcvops retire --undo connection-gateway host1`);
  });

  it.each<{
    name: string;
    what: Retirable;
    changes: Partial<RetireFacts>;
    options?: RetireOptions;
    restart: string;
  }>([
    { name: 'not without being told', what: 'broker', changes: { conf: conf(BROKERS) }, restart: 'later' },
    {
      name: 'when told, and nobody is connected',
      what: 'broker',
      changes: { conf: conf(BROKERS) },
      options: { restart: true, endSessions: false },
      restart: 'now',
    },
    {
      name: 'when told, whoever is connected',
      what: 'broker',
      changes: { conf: conf(BROKERS), viewers: 3 },
      options: { restart: true, endSessions: true },
      restart: 'now',
    },
    {
      name: 'never for a dcvserver that does not run',
      what: 'broker',
      changes: { conf: conf(BROKERS), units: [off('dcvserver.service')] },
      options: { restart: true, endSessions: false },
      restart: 'not-needed',
    },
    {
      name: 'for a dcv.conf that was changed an earlier time',
      what: 'broker',
      changes: {
        retired: [{ name: 'broker', meta: '', units: [], conf: undefined, damaged: false, restartDue: true }],
      },
      options: { restart: true, endSessions: false },
      restart: 'now',
    },
  ])('restarts dcvserver $name', ({ what, changes, options, restart }) => {
    expect(plan(what, changes, options)).toMatchObject({ kind: 'retire', restart });
  });

  it.each<{
    name: string;
    what: Retirable;
    changes: Partial<RetireFacts>;
    options?: RetireOptions;
    refusal: RegExp;
    hint: RegExp;
  }>([
    {
      name: 'that ends a session in use',
      what: 'broker',
      changes: { conf: conf(BROKERS), viewers: 2 },
      options: { restart: true, endSessions: false },
      refusal: /^2 people are connected, .*Nothing changed\.$/,
      hint: /^dcvops retire broker host1 --restart --end-sessions/,
    },
    {
      name: 'that ends sessions of which dcv says nothing',
      what: 'broker',
      changes: { conf: conf(BROKERS), viewers: undefined },
      options: { restart: true, endSessions: false },
      refusal: /^dcv does not say/,
      hint: /--end-sessions/,
    },
    {
      name: 'that cuts people off the connection gateway',
      what: 'connection-gateway',
      changes: { units: [on('dcv-connection-gateway.service')], clients: ['10.0.0.1', '10.0.0.2'] },
      refusal: /^2 addresses are, 10\.0\.0\.1 among them, connected/,
      hint: /^dcvops retire connection-gateway host1 --end-sessions/,
    },
    {
      name: 'of a resolver that is nginx',
      what: 'resolver',
      changes: { leftovers: resolver('nginx.service') },
      refusal: /^it is nginx\.service that listens on TCP 9000/,
      hint: /systemctl status --no-pager nginx\.service$/,
    },
    {
      name: 'of a resolver that is nobody’s service',
      what: 'resolver',
      changes: { leftovers: resolver(undefined) },
      refusal: /^node listens on TCP 9000, and is no service/,
      hint: /-- ps -f -p 4$/,
    },
  ])('is refused for one $name', ({ what, changes, options, refusal, hint }) => {
    expect(() => plan(what, changes, options)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(refusal) as string,
        hint: expect.stringMatching(hint) as string,
      }) as Error,
    );
  });

  it('is nothing where nothing is left', () => {
    expect(plan('broker', {})).toEqual({
      kind: 'nothing',
      host: 'host1',
      message: 'the Session Manager is not there, or stopped and disabled',
    });
    expect(plan('broker', { conf: undefined, viewers: undefined })).toMatchObject({ kind: 'nothing' });
  });
});

describe('the way back', () => {
  const retired = {
    name: 'broker',
    meta: '2026-12-01T12:00:00Z anna@laptop',
    units: [{ unit: 'dcv-session-manager-agent.service', active: true, enabled: false }],
    conf: { text: BROKERS, before: digestOf(BROKERS), after: digestOf(OWN) },
    damaged: false,
    restartDue: false,
  };
  const undo = (changes: Partial<RetireFacts>, force = false): ReturnType<typeof planUndo> =>
    planUndo('host1', undefined, facts({ retired: [retired], ...changes }), { ...NOT, force });

  it('starts what ran, enables what was enabled, and puts dcv.conf back', () => {
    expect(undo({})).toMatchObject([
      {
        units: [{ unit: 'dcv-session-manager-agent.service', start: true, enable: false }],
        conf: { text: BROKERS },
        restart: 'later',
      },
    ]);
  });

  it('leaves what is back already', () => {
    expect(undo({ units: [on('dcv-session-manager-agent.service')], conf: conf(BROKERS) })).toMatchObject([
      { units: [], conf: undefined, restart: 'not-needed' },
    ]);
  });

  it('needs no restart of a dcvserver that still has the dcv.conf of before', () => {
    expect(undo({ retired: [{ ...retired, restartDue: true }] })).toMatchObject([{ restart: 'not-needed' }]);
  });

  it('does not lose what somebody wrote into dcv.conf since', () => {
    const changed = { conf: conf(`${OWN}# mine\n`) };
    expect(() => undo(changed)).toThrow('dcv.conf was changed since; it is not put back. Nothing changed.');
    expect(undo(changed, true)).toMatchObject([{ conf: { text: BROKERS } }]);
  });

  it('does not put a damaged dcv.conf back', () => {
    expect(() => undo({ retired: [{ ...retired, conf: undefined, damaged: true }] })).toThrow(
      'the dcv.conf that was kept is damaged',
    );
  });

  it('is nothing where nothing is retired', () => {
    expect(planUndo('host1', 'resolver', facts({ retired: [retired] }), { ...NOT, force: false })).toEqual({
      kind: 'nothing',
      host: 'host1',
      message: 'no resolver is retired here',
    });
  });
});
