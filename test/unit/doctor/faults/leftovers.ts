import type { FactSet } from '../../../../src/doctor/facts/fleet.ts';
import type { LeftoverFacts } from '../../../../src/doctor/facts/leftovers.ts';
import type { ListenerFacts, UnitFacts } from '../../../../src/doctor/facts/system.ts';
import { NO_UNIT, hostOf, step, unit } from '../healthy.ts';
import type { SeededFault } from './seeded-fault.ts';

type Break = (set: FactSet) => void;

const all =
  (...breaks: readonly Break[]): Break =>
  (set) => {
    for (const one of breaks) one(set);
  };

const units =
  (host: string, changes: Readonly<Record<string, UnitFacts>>): Break =>
  (set) => {
    const { system } = hostOf(set, host);
    if (system !== undefined) system.units = { ...system.units, ...changes };
  };

const listens =
  (host: string, port: number, program: string, pid: number): Break =>
  (set) => {
    const { system } = hostOf(set, host);
    const listener: ListenerFacts = { protocol: 'tcp', address: '0.0.0.0', port, program, pid };
    const others = system?.listeners?.filter((one) => one.port !== port) ?? [];
    if (system !== undefined) system.listeners = [...others, listener];
  };

const leftovers =
  (host: string, changes: Partial<LeftoverFacts>): Break =>
  (set) => {
    Object.assign(hostOf(set, host).leftovers ?? {}, changes);
  };

const conf =
  (host: string, key: string, value: string): Break =>
  (set) => {
    Object.assign(hostOf(set, host).agent?.conf ?? {}, { [key]: value });
  };

const GATEWAY_CONF: LeftoverFacts['connectionGateway'] = {
  listen: ['0.0.0.0:8443'],
  certificate: '/etc/dcv-connection-gateway/certs/dcv.crt',
  key: '/etc/dcv-connection-gateway/certs/dcv.key',
  resolver: 'https://localhost:9000',
};
const OFF = unit({ active: 'inactive', sub: 'dead', enabled: 'disabled', mainPid: 0 });
const BROKER_CONF = { broker: { ports: [8445, 8447] } };

/** Nobody gets in at /auth any more: what the way to agent1 shows of it. */
const loginsFail: Break = (set) => {
  for (const path of set.paths.filter(({ agent }) => agent === 'agent1')) {
    path.webSocket = step({ ok: false, status: 404, detail: '404 from DCV' });
  }
};

/** nginx could not have its port, and another program answers there. */
const nginxIsOut: Break = (set) => {
  Object.assign(hostOf(set, 'gateway').proxy ?? {}, {
    workers: [],
    youngestWorker: undefined,
    connections: { people: 0, agents: 0 },
  });
  for (const sight of set.gateways) {
    sight.direct = step({ ok: false, status: 404, server: undefined, detail: '404' });
    sight.release = undefined;
  }
  for (const path of set.paths) {
    path.route = step({ ok: false, status: 404, server: undefined, detail: '404' });
    path.page = undefined;
    path.webSocket = undefined;
  }
};

export const LEFTOVER_FAULTS: readonly SeededFault[] = [
  {
    name: 'the connection gateway starts at boot beside nginx',
    breaks: all(
      units('gateway', {
        'dcv-connection-gateway.service': unit({ active: 'failed', sub: 'failed', mainPid: 0 }),
      }),
      leftovers('gateway', { connectionGateway: GATEWAY_CONF }),
    ),
    check: 'leftovers/connection-gateway',
    subject: 'gateway',
    seen: /^dcv-connection-gateway\.service is failed, but starts at boot$/,
    remedy: /^dcvops retire connection-gateway gateway$/,
  },
  {
    name: 'the connection gateway and its resolver run on another port',
    breaks: all(
      units('gateway', { 'dcv-connection-gateway.service': unit({ mainPid: 41 }) }),
      listens('gateway', 443, 'dcv-connection-', 41),
      listens('gateway', 9000, 'python3', 42),
      leftovers('gateway', {
        connectionGateway: { ...GATEWAY_CONF, listen: ['0.0.0.0:443'] },
        resolver: { port: 9000, program: 'python3', pid: 42, unit: 'dcv-resolver.service' },
      }),
    ),
    check: 'leftovers/connection-gateway',
    subject: 'gateway',
    seen: /is active since .* UTC, and starts at boot$/,
    remedy: /^dcvops retire connection-gateway gateway$/,
  },
  {
    name: 'the resolver of a connection gateway that is gone still runs',
    breaks: all(
      units('gateway', { 'dcv-connection-gateway.service': OFF }),
      listens('gateway', 9000, 'python3', 42),
      leftovers('gateway', {
        connectionGateway: GATEWAY_CONF,
        resolver: { port: 9000, program: 'python3', pid: 42, unit: 'dcv-resolver.service' },
      }),
    ),
    check: 'leftovers/resolver',
    subject: 'gateway',
    seen: /^python3 \(process 42\) listens on TCP 9000, .*; it is dcv-resolver\.service$/,
    remedy: /^dcvops retire resolver gateway$/,
  },
  {
    name: 'somebody started a resolver by hand and left it',
    breaks: leftovers('gateway', {
      connectionGateway: GATEWAY_CONF,
      resolver: { port: 9000, program: 'node', pid: 42, unit: undefined },
    }),
    check: 'leftovers/resolver',
    subject: 'gateway',
    seen: /no service of the system$/,
    remedy: /^dcvops exec --sudo gateway -- ps -f -p 42$/,
  },
  {
    name: 'the resolver runs on an agent',
    breaks: all(
      leftovers('gateway', {
        connectionGateway: { ...GATEWAY_CONF, resolver: 'http://10.150.248.136:9000/' },
      }),
      listens('agent2', 9000, 'java', 77),
    ),
    check: 'leftovers/resolver',
    subject: 'agent2',
    seen: /^java listens on TCP 9000, which the connection gateway of gateway names/,
    remedy: /^dcvops retire resolver agent2 --port 9000$/,
  },
  {
    name: 'a broker runs on an agent, and is the resolver, too',
    breaks: all(
      units('agent2', { 'dcv-session-manager-broker.service': unit({ mainPid: 77 }) }),
      listens('agent2', 8445, 'java', 77),
      listens('agent2', 8447, 'java', 77),
      leftovers('agent2', BROKER_CONF),
      leftovers('gateway', {
        connectionGateway: { ...GATEWAY_CONF, resolver: 'https://10.150.248.136:8447' },
      }),
    ),
    check: 'leftovers/broker',
    subject: 'agent2',
    seen: /^dcv-session-manager-broker\.service is active .*; its ports are 8445, 8447$/,
    remedy: /^dcvops retire broker agent2$/,
  },
  {
    name: 'the Session Manager agent asks a broker that is gone',
    breaks: all(
      units('agent1', { 'dcv-session-manager-agent.service': unit() }),
      leftovers('agent1', { sessionManagerAgent: { brokerHost: '10.213.66.188', brokerPort: 8445 } }),
    ),
    check: 'leftovers/session-manager-agent',
    subject: 'agent1',
    seen: /^dcv-session-manager-agent\.service is active since/,
    remedy: /^dcvops retire broker agent1$/,
  },
  {
    name: 'the Session Manager agent was removed, and is still an administrator of DCV',
    breaks: all(
      units('agent1', { 'dcv-session-manager-agent.service': NO_UNIT }),
      conf('agent1', 'security/administrators', '["dcvsmagent"]'),
    ),
    check: 'leftovers/session-manager-agent',
    subject: 'agent1',
    seen: /^dcv\.conf sets administrators=\["dcvsmagent"\]$/,
    remedy: /^dcvops retire broker agent1$/,
  },
  {
    name: 'dcv.conf lets a broker that is gone decide who logs in',
    breaks: all(
      conf('agent1', 'security/administrators', '["dcvsmagent"]'),
      conf(
        'agent1',
        'security/auth-token-verifier',
        'https://10.213.66.188:8445/agent/validate-authentication-token',
      ),
      (set) => {
        Object.assign(hostOf(set, 'agent1').agent ?? {}, {
          verifier: { url: 'https://10.213.66.188:8445', reachable: false, reason: 'Connection refused' },
        });
      },
      units('agent1', { 'dcv-session-manager-agent.service': unit() }),
      loginsFail,
    ),
    check: 'leftovers/token-verifier',
    subject: 'agent1',
    seen: /^dcv\.conf sets auth-token-verifier="https:\/\/10\.213\.66\.188:8445\/agent/,
    remedy: /^dcvops retire broker agent1 --restart$/,
  },
  {
    name: 'the connection gateway took the port before nginx after a boot',
    breaks: all(
      units('gateway', {
        'dcv-connection-gateway.service': unit({ mainPid: 41 }),
        'nginx.service': unit({ active: 'failed', sub: 'failed', result: 'exit-code', mainPid: 0 }),
      }),
      listens('gateway', 8443, 'dcv-connection-', 41),
      leftovers('gateway', { connectionGateway: GATEWAY_CONF }),
      nginxIsOut,
    ),
    check: 'leftovers/connection-gateway',
    subject: 'gateway',
    seen: /; it has TCP 8443$/,
    remedy: /^dcvops retire connection-gateway gateway\ndcvops deploy$/,
  },
  {
    name: 'old files of nginx lie about that nobody reads',
    breaks: (set) => {
      Object.assign(hostOf(set, 'gateway').proxy ?? {}, {
        rivals: [{ path: '/etc/nginx/conf.d/dcv-dynamic-proxy.conf.bak', why: 'port', active: false }],
      });
    },
    check: 'leftovers/older-nginx-files',
    subject: 'gateway',
    seen: /^\/etc\/nginx\/conf\.d\/dcv-dynamic-proxy\.conf\.bak names the gateway’s port; nginx does not read it$/,
    remedy: /^dcvops exec --sudo gateway -- mv \/etc\/nginx\/conf\.d\/dcv-dynamic-proxy\.conf\.bak \/root\/$/,
  },
  {
    name: 'an old gateway routes on another port',
    breaks: (set) => {
      Object.assign(hostOf(set, 'gateway').proxy ?? {}, {
        rivals: [{ path: '/etc/nginx/conf.d/old.conf', why: 'routes', active: true }],
      });
    },
    check: 'leftovers/older-nginx-files',
    subject: 'gateway',
    seen: /^\/etc\/nginx\/conf\.d\/old\.conf routes to addresses in its paths$/,
    remedy: /systemctl reload nginx$/,
  },
];
