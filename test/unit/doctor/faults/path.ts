import type { FactSet } from '../../../../src/doctor/facts/fleet.ts';
import type { GatewaySightFacts, PathFacts, StepFacts } from '../../../../src/doctor/facts/path.ts';
import { hostOf, step, unit } from '../healthy.ts';
import type { SeededFault } from './seeded-fault.ts';
import { unreached } from './unreached.ts';

/** A step that failed. */
const broken = (changes: Partial<StepFacts>): StepFacts => step({ ok: false, ...changes });

/** A question that got no answer. */
const unanswered = (obstacle: StepFacts['obstacle'], detail: string): StepFacts => ({
  ok: false,
  elapsedMs: 5_000,
  obstacle,
  detail,
});

const DROPPED = unanswered('filtered', 'no answer in 5 s');
const REFUSED = unanswered('refused', 'connection refused');

/** The gateway, as it is seen from here. */
function sight(set: FactSet, changes: Partial<GatewaySightFacts>): void {
  set.gateways = set.gateways.map((gateway) => ({ ...gateway, ...changes }));
}

/** The gateway cannot be reached from here; on its own host it is fine. */
function behindWall(set: FactSet, direct: StepFacts): void {
  sight(set, { direct, tunnel: step({ server: undefined, detail: 'release 3f9a1c0d5e7b' }) });
  set.paths = set.paths.map((path) => ({ ...path, way: 'tunnel' }));
}

/** The way to agent1: what went well before goes well, what comes after was not asked. */
function way(set: FactSet, steps: Partial<PathFacts>): void {
  const { route, page, webSocket } = { route: step(), ...steps };
  set.paths = set.paths.map((path) =>
    path.agent === 'agent1'
      ? { proxy: path.proxy, agent: path.agent, way: path.way, ...steps, route, page, webSocket }
      : path,
  );
}

const BAD_GATEWAY = broken({
  status: 502,
  server: 'nginx',
  refusal: 'agent',
  detail: '502: the agent refuses',
});
const TIMEOUT = broken({
  status: 504,
  server: 'nginx',
  refusal: 'agent',
  detail: '504: the agent is silent',
});

export const PATH_FAULTS: readonly SeededFault[] = [
  {
    name: 'the security group of the gateway does not let this office in',
    breaks(set) {
      behindWall(set, DROPPED);
      const { system } = hostOf(set, 'gateway');
      if (system !== undefined) system.ec2 = true;
    },
    check: 'path/gateway-unreachable',
    subject: 'gateway',
    seen: /no answer in 5 s; on gateway itself it answers: its security group does not let this machine in/,
    remedy: /^open TCP 8443 of gateway for your network$/m,
  },
  {
    name: 'ufw on the gateway was switched on',
    breaks(set) {
      behindWall(set, DROPPED);
      const { system } = hostOf(set, 'gateway');
      system?.firewalls.push({
        tool: 'ufw',
        active: true,
        rules: [
          'Status: active',
          'Logging: on (low)',
          'Default: deny (incoming), allow (outgoing), disabled (routed)',
          'New profiles: skip',
          '',
          'To                         Action      From',
          '--                         ------      ----',
          '22/tcp                     ALLOW IN    Anywhere',
        ],
      });
    },
    check: 'path/gateway-unreachable',
    subject: 'gateway',
    seen: /the host firewall \(ufw\) lets nobody in on TCP 8443/,
    remedy: /^dcvops exec --sudo gateway -- ufw allow 8443\/tcp$/m,
  },
  {
    name: 'the name in gateway.url is not in the DNS here',
    breaks(set) {
      set.inventory.gateway.url = 'https://desktops.example:8443';
      behindWall(set, unanswered('dns', 'unknown host name'));
      sight(set, { url: 'https://desktops.example:8443' });
    },
    check: 'path/gateway-unreachable',
    subject: 'gateway',
    seen: /the name in gateway\.url is unknown here/,
    remedy: /^getent hosts desktops\.example$/m,
  },
  {
    name: 'everything has to go through a forward proxy that wants a login',
    breaks(set) {
      behindWall(set, broken({ status: 407, server: 'squid', obstacle: 'forward-proxy', detail: '407' }));
    },
    check: 'path/gateway-unreachable',
    subject: 'gateway',
    seen: /a forward proxy is in between/,
    remedy: /10\.213\.66\.188/,
  },
  {
    name: 'nginx hangs',
    breaks(set) {
      sight(set, {
        direct: unanswered('tls', 'no answer in 10 s'),
        tunnel: unanswered('tls', 'no answer in 10 s'),
        release: undefined,
        http2: undefined,
        certificate: undefined,
      });
      set.paths = set.paths.map(({ proxy, agent }) => ({ proxy, agent, way: 'none' }));
    },
    check: 'path/gateway-unreachable',
    subject: 'gateway',
    seen: /on gateway itself: no answer in 10 s/,
    remedy: /^dcvops service status gateway$/m,
  },
  {
    name: 'gateway.url leads to another server',
    breaks(set) {
      set.inventory.gateway.url = 'https://10.213.66.188:8443';
      sight(set, {
        direct: broken({ status: 404, server: 'Apache', detail: 'something else answers (404)' }),
        release: undefined,
      });
      set.paths = set.paths.map(({ proxy, agent }) => ({
        ...{ proxy, agent, way: 'direct' as const },
        route: broken({ status: 404, server: 'Apache', detail: '404 from Apache, which is not DCV' }),
        fromProxy: step(),
        fromAgent: step(),
      }));
    },
    check: 'path/gateway-foreign',
    subject: 'gateway',
    seen: /health answers 404, without a release/,
    remedy: /^set gateway\.url in inventory\/hosts\.yaml$/m,
  },
  {
    name: 'the operator works from outside of access.allow',
    breaks(set) {
      sight(set, { refusedHere: true, tunnel: step({ server: undefined, detail: 'release 3f9a1c0d5e7b' }) });
      set.paths = set.paths.map((path) => ({ ...path, way: 'tunnel' }));
    },
    check: 'path/access-denied',
    subject: 'gateway',
    seen: /does not hold this machine; the ways were asked on gateway itself, through SSH/,
    remedy: /gateway\.access\.allow/,
  },
  {
    name: 'a box in front of the gateway speaks HTTP/1.1 only',
    breaks: (set) => {
      sight(set, { http2: false });
    },
    check: 'path/http2',
    subject: 'gateway',
    seen: /does not offer HTTP\/2/,
    remedy: /^dcvops deploy gateway$/m,
  },
  {
    name: 'a file that nginx refuses lies about, and the security group does not let this office in',
    breaks(set) {
      behindWall(set, DROPPED);
      const { proxy } = hostOf(set, 'gateway');
      if (proxy !== undefined) proxy.test = { ok: false, output: 'nginx: [emerg] in /etc/nginx/x.conf:1' };
    },
    check: 'path/gateway-unreachable',
    subject: 'gateway',
    seen: /on gateway itself it answers: a firewall on the way/,
    remedy: /^open TCP 8443 of gateway/,
    beside: ['proxy/config-invalid gateway'],
  },
  {
    name: 'only the gateway’s port of the proxy is open to us, and it does not get through to an agent',
    breaks: (set) => {
      way(set, { route: TIMEOUT, fromAgent: step() });
      unreached(set, 'gateway', { stage: 'tcp', message: 'no answer from 10.213.66.188:22 in 10 s' });
    },
    check: 'path/agent-unreachable',
    subject: 'agent1',
    seen: /the gateway gets no answer from agent1/,
    remedy: /^dcvops service status agent1$/m,
    beside: ['reach/no-answer gateway'],
  },
  {
    name: 'the security group of the agent does not let the proxy in',
    breaks: (set) => {
      way(set, { route: TIMEOUT, fromProxy: DROPPED, fromAgent: step() });
    },
    check: 'path/agent-unreachable',
    subject: 'agent1',
    seen: /agent1 is fine, but a firewall \(security group\) does not let gateway through .* broken at: route, fault: path/,
    remedy: /^in the security group of agent1: let TCP 8443 in from gateway$/m,
  },
  {
    name: 'firewalld on the agent lets only SSH in',
    breaks(set) {
      way(set, { route: TIMEOUT, fromProxy: DROPPED, fromAgent: step() });
      hostOf(set, 'agent1').system?.firewalls.push({
        tool: 'firewalld',
        active: true,
        rules: [
          'public (active)',
          '  target: default',
          '  interfaces: eth0',
          '  sources: ',
          '  services: dhcpv6-client ssh',
          '  ports: ',
          '  rich rules: ',
        ],
      });
    },
    check: 'path/agent-unreachable',
    subject: 'agent1',
    seen: /host firewall of agent1 \(firewalld\) .* fault: agent/,
    remedy: /firewall-cmd --permanent --add-port=8443\/tcp/,
  },
  {
    name: 'an agent that cannot be logged in to refuses the proxy',
    breaks(set) {
      way(set, { route: BAD_GATEWAY, fromProxy: REFUSED });
    },
    check: 'path/agent-unreachable',
    subject: 'agent1',
    seen: /refuses gateway’s connections on TCP 8443.* fault: agent/,
    remedy: /^dcvops service status agent1$/m,
  },
  {
    name: 'dcvserver takes connections and says nothing',
    breaks(set) {
      const silent = unanswered('tls', 'no answer in 5 s');
      way(set, { route: TIMEOUT, fromProxy: silent, fromAgent: silent });
    },
    check: 'path/agent-unreachable',
    subject: 'agent1',
    seen: /on agent1 itself dcvserver does not answer on TCP 8443 either/,
    remedy: /^dcvops service status agent1$/m,
  },
  {
    name: 'the live release does not serve a new network yet',
    breaks(set) {
      way(set, {
        route: broken({ status: 403, server: 'nginx', refusal: 'deny', detail: '403: not served' }),
        fromProxy: step(),
        fromAgent: step(),
      });
    },
    check: 'path/route',
    subject: 'agent1',
    seen: /does not serve 10\.150\.248\.180, though gateway\.agent_networks holds it; broken at: route, fault: proxy/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'an agent has an address outside of agent_networks',
    breaks(set) {
      set.inventory.gateway.agentNetworks = ['10.150.249.0/24'];
      way(set, {
        route: broken({ status: 403, server: 'nginx', refusal: 'deny', detail: '403: not served' }),
        fromProxy: step(),
        fromAgent: step(),
      });
    },
    check: 'path/route',
    subject: 'agent1',
    seen: /outside of gateway\.agent_networks/,
    remedy: /^add 10\.150\.248\.180 to gateway\.agent_networks/,
  },
  {
    name: 'nginx has no sockets left for the agent',
    breaks(set) {
      way(set, { route: BAD_GATEWAY, fromProxy: step(), fromAgent: step() });
    },
    check: 'path/route',
    subject: 'agent1',
    seen: /nginx does not get through to agent1, though its host does.* fault: proxy/,
    remedy: /^dcvops logs gateway --since 10m$/m,
  },
  {
    name: 'the agent’s address is the gateway’s own',
    breaks(set) {
      way(set, {
        route: broken({ status: 508, server: 'nginx', detail: '508 from nginx, which is not DCV' }),
      });
    },
    check: 'path/route',
    subject: 'agent1',
    seen: /leads back to a gateway/,
    remedy: /host: …/,
  },
  {
    name: 'DCV wants another host name',
    breaks(set) {
      way(set, {
        route: broken({ status: 403, detail: '403 from DCV' }),
        fromProxy: broken({ status: 403, detail: '403 from DCV' }),
        fromAgent: broken({ status: 403, detail: '403 from DCV' }),
      });
    },
    check: 'path/host-refused',
    subject: 'agent1',
    seen: /^403 from DCV for the host 10\.213\.66\.188; broken at: route, fault: agent$/,
    remedy:
      /^dcvops dcv config get agent1 security\/allowed-http-host-regex security\/allowed-ws-origin-regex$/,
  },
  {
    name: 'the web client’s files are gone',
    breaks(set) {
      way(set, { page: broken({ status: 404, detail: '404 from DCV' }) });
    },
    check: 'path/page',
    subject: 'agent1',
    seen: /the page of agent1: 404 from DCV; broken at: page, fault: agent/,
    remedy: /ls \/usr\/share\/dcv\/www$/m,
  },
  {
    name: 'DCV answers every path with an error',
    breaks(set) {
      way(set, {
        route: broken({ status: 500, detail: '500 from DCV' }),
        fromProxy: broken({ status: 500 }),
      });
    },
    check: 'path/page',
    subject: 'agent1',
    seen: /\/version of agent1: 500 from DCV; broken at: route, fault: agent/,
    remedy: /^dcvops logs agent1 --since 10m$/m,
  },
  {
    name: 'DCV takes pages of another origin only',
    breaks(set) {
      way(set, { page: step(), webSocket: broken({ status: 403, detail: '403 from DCV' }) });
    },
    check: 'path/web-socket',
    subject: 'agent1',
    seen: /allowed-ws-origin-regex\); broken at: WebSocket, fault: agent/,
    remedy: /^dcvops dcv config get agent1 security\/allowed-http-host-regex /,
  },
  {
    name: 'something on the way passes no WebSockets, while an old broker runs on the proxy',
    breaks(set) {
      way(set, { page: step(), webSocket: unanswered('silent', 'no answer in 10 s') });
      const { system } = hostOf(set, 'gateway');
      Object.assign(system?.units ?? {}, { 'dcv-session-manager-broker.service': unit({ mainPid: 77 }) });
    },
    check: 'path/web-socket',
    subject: 'agent1',
    seen: /may pass no WebSockets/,
    remedy: /dcvops logs agent1/,
    beside: ['leftovers/broker gateway'],
  },
  {
    name: 'logins are still to be verified by a broker that is gone',
    breaks(set) {
      way(set, { page: step(), webSocket: broken({ status: 302, detail: 'no upgrade: 302' }) });
    },
    check: 'path/web-socket',
    subject: 'agent1',
    seen: /token verifier or a broker/,
    remedy: /^dcvops dcv config get agent1 security\/auth-token-verifier$/m,
  },
  {
    name: 'a load balancer in front changes the Host header',
    breaks(set) {
      const foreign = broken({
        status: 403,
        server: 'nginx',
        refusal: 'origin',
        detail: '403: foreign page',
      });
      way(set, { page: step(), webSocket: foreign });
    },
    check: 'path/web-socket',
    subject: 'agent1',
    seen: /changes the host name; broken at: WebSocket, fault: proxy/,
    remedy: /gateway: \{ url: https:\/\/… \}/,
  },
  {
    name: 'an inspecting firewall passes no WebSockets',
    breaks(set) {
      way(set, { page: step(), webSocket: unanswered('silent', 'connection reset') });
    },
    check: 'path/web-socket',
    subject: 'agent1',
    seen: /may pass no WebSockets .* fault: path/,
    remedy: /dcvops logs gateway/,
  },
  {
    name: 'the agent is short of everything',
    breaks(set) {
      way(set, {
        page: step({ elapsedMs: 4_210 }),
        webSocket: step({ status: 101, elapsedMs: 40, detail: 'open, subprotocol dcv' }),
      });
    },
    check: 'path/slow',
    subject: 'agent1',
    seen: /^agent1: page 4\.2 s$/,
    remedy: /^dcvops exec agent1 -- top -bn1$/,
  },
];
