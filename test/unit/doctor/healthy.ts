import type { AgentFacts } from '../../../src/doctor/facts/agent.ts';
import type { FactSet, HostFacts } from '../../../src/doctor/facts/fleet.ts';
import type { PathFacts, StepFacts } from '../../../src/doctor/facts/path.ts';
import type { ProxyFacts } from '../../../src/doctor/facts/proxy.ts';
import type { SystemFacts, UnitFacts } from '../../../src/doctor/facts/system.ts';

/* Facts of a fleet in which nothing is wrong: a proxy and two agents on Debian. Tests change one thing in it. */

export const NOW = '2026-12-01T12:00:00.000Z';
const NOW_SECONDS = Date.parse(NOW) / 1000;

/** Self-signed, for 10.213.66.188 and 10.150.248.180, valid from 2026-11-25 for nearly ten years. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUKgAwIBAgIULB0jql1cgh+zhvkprBVZyVva+rAwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNMTAuMjEzLjY2LjE4ODAeFw0yNjExMjUxNjA5MjFaFw0zNjEw
MDMxNjA5MjFaMBgxFjAUBgNVBAMMDTEwLjIxMy42Ni4xODgwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAARPMKK5++dK1H3vc1NxT6eG5RCsKdzN1N9DTHNbG4FhQAqG
I8cdslfC3xyClb7ejQYZUBisMCquQL2uuM+rKAvuo2owaDAdBgNVHQ4EFgQUJqhJ
VwOiY3ZP4s1evGKpNgw1LgIwHwYDVR0jBBgwFoAUJqhJVwOiY3ZP4s1evGKpNgw1
LgIwDwYDVR0TAQH/BAUwAwEB/zAVBgNVHREEDjAMhwQK1UK8hwQKlvi0MAoGCCqG
SM49BAMCA0gAMEUCIQD4JsSg3UmYWHuSLmpY2e34h9i5Y0OSX4YBnDQ5UDBAmgIg
KHVQTCsatKFfl8DCmH3R6ljPg98uTwPAMHTlD56of3E=
-----END CERTIFICATE-----
`;

export function unit(changes: Partial<UnitFacts> = {}): UnitFacts {
  return {
    load: 'loaded',
    active: 'active',
    sub: 'running',
    enabled: 'enabled',
    restarts: 0,
    result: 'success',
    since: NOW_SECONDS - 86_400,
    mainPid: 700,
    openFiles: 65_536,
    ...changes,
  };
}

export const NO_UNIT: UnitFacts = unit({
  load: 'not-found',
  active: 'inactive',
  sub: 'dead',
  enabled: '',
  since: undefined,
  mainPid: 0,
});

export function system(changes: Partial<SystemFacts> = {}): SystemFacts {
  return {
    hostname: 'ip-10-0-0-1',
    os: { id: 'debian', like: [], version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
    kernel: '6.1.0-28-amd64',
    architecture: 'x86_64',
    ec2: false,
    packageManager: 'apt-get',
    packages: {},
    clock: { offset: 0.01, uncertainty: 0.02, synchronised: true, utcOffsetMinutes: 0 },
    uptime: 864_000,
    cpus: 4,
    load1: 0.2,
    memory: { totalKiB: 16_000_000, availableKiB: 12_000_000, swapTotalKiB: 0, swapFreeKiB: 0 },
    outOfMemory: [],
    disks: [
      {
        mount: '/',
        device: '/dev/nvme0n1p1',
        sizeKiB: 50_000_000,
        availableKiB: 30_000_000,
        usedPercent: 40,
        inodesUsedPercent: 10,
        folders: ['/', '/var/log', '/tmp', '/home'],
      },
    ],
    units: {},
    defaultTarget: 'graphical.target',
    listeners: [],
    firewalls: [],
    selinux: undefined,
    forwardProxy: {},
    ...changes,
  };
}

export function proxyFacts(changes: Partial<ProxyFacts> = {}): ProxyFacts {
  return {
    nginx: {
      version: [1, 22, 1],
      openssl: '3.0.19',
      modules: { ssl: true, http2: true, stubStatus: true, realip: true },
    },
    test: { ok: true, output: '' },
    live: {
      path: '/etc/nginx/conf.d/dcv-gateway.conf',
      releaseId: '3f9a1c0d5e7b',
      edited: false,
      mode: '644 root:root',
      allow: ['10.213.0.0/16'],
      agents: [
        { name: 'agent1', address: '10.150.248.180' },
        { name: 'agent2', address: '10.150.248.136' },
      ],
    },
    releases: [{ id: '3f9a1c0d5e7b', since: '2026-11-20T10:00:00.000Z', who: 'anna@laptop' }],
    pending: undefined,
    rivals: [],
    workers: [
      { pid: 801, elapsed: 200_000, shuttingDown: false, connections: 4, openFiles: 65_536 },
      { pid: 802, elapsed: 200_000, shuttingDown: false, connections: 4, openFiles: 65_536 },
    ],
    workerConnections: 16_384,
    connections: { people: 4, agents: 4 },
    logRotation: {
      file: '/etc/logrotate.d/nginx',
      scheduled: true,
      logs: [
        { path: '/var/log/nginx/dcv-access.log', sizeKiB: 800, mode: '640 www-data:adm' },
        { path: '/var/log/nginx/dcv-error.log', sizeKiB: 8, mode: '640 www-data:adm' },
      ],
    },
    certificate: {
      path: '/etc/dcv-connection-gateway/certs/dcv.crt',
      chain: [CERTIFICATE],
      mode: '644 root:root',
    },
    key: { path: '/etc/dcv-connection-gateway/certs/dcv.key', mode: '600 root:root', pair: true },
    errors: [],
    youngestWorker: 200_000,
    mayConnect: undefined,
    ...changes,
  };
}

export function agentFacts(changes: Partial<AgentFacts> = {}): AgentFacts {
  return {
    dcv: { text: 'Amazon DCV 2024.0 (r19030)', release: '2024.0', build: 19_030 },
    conf: { 'security/authentication': 'system' },
    sessions: [
      {
        id: 'desktop-session',
        owner: 'ec2-user',
        user: 'ec2-user',
        type: 'virtual',
        name: '',
        status: 'created',
        connections: 0,
        createdAt: '2026-11-30T12:00:00.000Z',
        lastDisconnectedAt: undefined,
        display: ':1',
        licences: [{ product: 'dcv', status: 'licensed', expiresAt: '2027-11-30T12:00:00.000Z' }],
      },
    ],
    silence: undefined,
    accounts: [
      {
        name: 'ec2-user',
        exists: true,
        uid: 1000,
        home: '/home/ec2-user',
        homeOwnerUid: 1000,
        password: 'set',
        conda: false,
      },
    ],
    processes: [
      { pid: 700, user: 'dcv', elapsed: 86_400, command: '/usr/bin/dcvserver -d --service' },
      { pid: 900, user: 'ec2-user', elapsed: 86_400, command: '/usr/bin/Xdcv -output 800x600 :1' },
      {
        pid: 901,
        user: 'ec2-user',
        elapsed: 86_400,
        command: '/usr/lib/x86_64-linux-gnu/dcv/dcvagent --mode full --session-id desktop-session',
      },
    ],
    certificate: { chain: [CERTIFICATE], mode: '600 dcv:dcv', keyMode: '600 dcv:dcv', pair: true },
    desktop: {
      xSessions: ['ubuntu', 'xfce'],
      waylandSessions: [],
      displayManager: '/usr/sbin/gdm3',
      gdmConf: '/etc/gdm3/custom.conf',
      waylandEnable: false,
      xdcv: true,
      webViewer: true,
    },
    x: {
      locks: [{ display: ':1', file: '/tmp/.X1-lock', socket: true, pid: 900, alive: true }],
      access: undefined,
      consoleDisplay: undefined,
    },
    gpu: { devices: [], nvidia: undefined, nouveau: false, glTest: undefined },
    logs: { directory: '/var/log/dcv', directoryOwner: 'dcv', foreign: [] },
    signatures: [],
    verifier: undefined,
    remoteDesktops: [],
    ...changes,
  };
}

function hostFacts(name: string, address: string, changes: Partial<HostFacts>): HostFacts {
  return {
    name,
    role: 'agent',
    address,
    reach: { ok: true, elapsedMs: 120, target: `ec2-user@${address}:22`, via: [] },
    leftovers: {
      connectionGateway: undefined,
      broker: undefined,
      sessionManagerAgent: undefined,
      resolver: undefined,
      retired: [],
    },
    hung: [],
    ...changes,
  };
}

export function step(changes: Partial<StepFacts> = {}): StepFacts {
  return { ok: true, elapsedMs: 12, status: 200, server: 'dcv', detail: '200 from DCV', ...changes };
}

export function path(agent: string, changes: Partial<PathFacts> = {}): PathFacts {
  return {
    proxy: 'gateway',
    agent,
    way: 'direct',
    route: step(),
    page: step(),
    webSocket: step({ status: 101, detail: 'open, subprotocol dcv' }),
    ...changes,
  };
}

const AGENT_UNITS = { 'dcvserver.service': unit(), 'dcvsessionlauncher.service': unit() };
const AGENT_LISTENERS = [
  { protocol: 'tcp' as const, address: '0.0.0.0', port: 8443, program: 'dcvserver', pid: 700 },
];
const PROXY_LISTENERS = [
  { protocol: 'tcp' as const, address: '0.0.0.0', port: 8443, program: 'nginx', pid: 800 },
];

/** Facts of a fleet in which nothing is wrong. Every call makes new ones, so that a test may change them. */
export function healthySet(): FactSet {
  const agent = (name: string, address: string): HostFacts =>
    hostFacts(name, address, {
      system: system({ hostname: name, units: { ...AGENT_UNITS }, listeners: [...AGENT_LISTENERS] }),
      agent: agentFacts(),
    });
  return {
    format: 1,
    dcvops: '0.1.0',
    collectedAt: NOW,
    inventory: {
      file: 'inventory/hosts.yaml',
      proxies: [{ name: 'gateway', address: '10.213.66.188' }],
      agents: [
        { name: 'agent1', address: '10.150.248.180' },
        { name: 'agent2', address: '10.150.248.136' },
      ],
      gateway: {
        address: undefined,
        port: 8443,
        url: undefined,
        certificate: '/etc/dcv-connection-gateway/certs/dcv.crt',
        key: '/etc/dcv-connection-gateway/certs/dcv.key',
        selfSigned: false,
        default: ['agent1'],
        agentNetworks: ['10.150.248.0/24'],
        allow: ['10.213.0.0/16'],
        workerConnections: 16_384,
      },
      session: { id: 'desktop-session', type: 'virtual', user: 'ec2-user', owner: 'ec2-user' },
    },
    operator: {
      dcvops: '0.1.0',
      node: '20.20.2',
      platform: 'linux x64',
      inventory: { file: 'inventory/hosts.yaml', mode: '644' },
      keys: [
        {
          path: '/home/anna/.ssh/tom.pem',
          hosts: ['gateway', 'agent1', 'agent2'],
          state: 'ok',
          mode: '600',
          encrypted: false,
        },
      ],
      sshAgent: undefined,
      knownHosts: [{ path: '/home/anna/.ssh/known_hosts', state: 'ok', mode: '600', unknown: [] }],
      sshConfig: [],
      forwardProxy: {},
    },
    hosts: [
      hostFacts('gateway', '10.213.66.188', {
        role: 'proxy',
        system: system({
          hostname: 'gateway',
          units: { 'nginx.service': unit() },
          listeners: [...PROXY_LISTENERS],
          defaultTarget: 'multi-user.target',
        }),
        proxy: proxyFacts(),
      }),
      agent('agent1', '10.150.248.180'),
      agent('agent2', '10.150.248.136'),
    ],
    gateways: [
      {
        proxy: 'gateway',
        url: 'https://10.213.66.188:8443',
        direct: step({ server: undefined, detail: 'release 3f9a1c0d5e7b' }),
        tunnel: undefined,
        refusedHere: false,
        release: '3f9a1c0d5e7b',
        http2: true,
        certificate: { chain: [CERTIFICATE], chainError: undefined },
      },
    ],
    paths: [path('agent1'), path('agent2')],
  };
}

/** One host of a set, to be changed in place. @throws Error for a name that is not in it */
export function hostOf(set: FactSet, name: string): HostFacts {
  const host = set.hosts.find((one) => one.name === name);
  if (host === undefined) throw new Error(`no host ${name} in this set`);
  return host;
}
