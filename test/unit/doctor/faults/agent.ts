import type { AgentFacts, SessionFacts } from '../../../../src/doctor/facts/agent.ts';
import type { FactSet, WantedSession } from '../../../../src/doctor/facts/fleet.ts';
import type { PathFacts } from '../../../../src/doctor/facts/path.ts';
import type { SystemFacts, UnitFacts } from '../../../../src/doctor/facts/system.ts';
import { NO_UNIT, NOW, hostOf, path, step, unit } from '../healthy.ts';
import type { SeededFault } from './seeded-fault.ts';

const NOW_SECONDS = Date.parse(NOW) / 1000;

/* Each changes agent1 only, unless it says otherwise. */

type Break = (set: FactSet) => void;

function agentOf(set: FactSet): AgentFacts {
  const { agent } = hostOf(set, 'agent1');
  if (agent === undefined) throw new Error('no facts of the agent in this set');
  return agent;
}

function systemOf(set: FactSet): SystemFacts {
  const { system } = hostOf(set, 'agent1');
  if (system === undefined) throw new Error('no system facts of the agent in this set');
  return system;
}

/** Several things at once, as they come together on a host. */
const all =
  (...breaks: readonly Break[]): Break =>
  (set) => {
    for (const one of breaks) one(set);
  };

const agent =
  (changes: Partial<AgentFacts>): Break =>
  (set) => {
    Object.assign(agentOf(set), changes);
  };

const system =
  (changes: Partial<SystemFacts>): Break =>
  (set) => {
    Object.assign(systemOf(set), changes);
  };

const conf =
  (key: string, value: string): Break =>
  (set) => {
    agentOf(set).conf[key] = value;
  };

/** A session is declared, and this creates it. */
const declared =
  (
    persisted: AgentFacts['persisted'],
    ids = ['desktop-session'],
    type: WantedSession['type'] = 'virtual',
  ): Break =>
  (set) => {
    const named = set.inventory.agents.find(({ name }) => name === 'agent1');
    if (named === undefined) throw new Error('no agent1 in this inventory');
    const accounts = { user: 'ec2-user', owner: 'ec2-user' };
    const sessions = ids.map((id) => ({ id, type, ...accounts }));
    named.declared = { sessions, fingerprint: 'a'.repeat(64) };
    agentOf(set).persisted = persisted;
  };

/** What creates declared sessions, as it is to be. */
const CURRENT = { fingerprint: 'a'.repeat(64), enabled: true, active: 'active' };

const desktop =
  (changes: Partial<AgentFacts['desktop']>): Break =>
  (set) => {
    Object.assign(agentOf(set).desktop, changes);
  };

const account =
  (changes: Partial<AgentFacts['accounts'][number]>): Break =>
  (set) => {
    const { accounts } = agentOf(set);
    accounts.splice(0, 1, {
      ...(accounts[0] ?? { name: '', exists: true, password: 'set', conda: false }),
      ...changes,
    });
  };

const session =
  (changes: Partial<SessionFacts>): Break =>
  (set) => {
    const [first] = agentOf(set).sessions ?? [];
    if (first === undefined) throw new Error('no session in this set');
    Object.assign(first, changes);
  };

const signature =
  (id: string, line: string): Break =>
  (set) => {
    agentOf(set).signatures.push({
      id,
      log: '/var/log/dcv/server.log',
      at: '2026-12-01T11:00:00.000Z',
      line,
      count: 1,
    });
  };

const dcvserver =
  (changes: Partial<UnitFacts>): Break =>
  (set) => {
    systemOf(set).units = { ...systemOf(set).units, 'dcvserver.service': unit(changes) };
  };

/** The way to agent1, otherwise. */
const way =
  (changes: Partial<PathFacts>): Break =>
  (set) => {
    set.paths = set.paths.map((one) => (one.agent === 'agent1' ? path('agent1', changes) : one));
  };

/** The gateway gets no connection to the agent. */
const refused = way({
  route: step({
    ok: false,
    status: 502,
    server: undefined,
    refusal: 'agent',
    detail: '502: the agent refuses the connection',
  }),
  page: undefined,
  webSocket: undefined,
  fromProxy: step({
    ok: false,
    status: undefined,
    server: undefined,
    obstacle: 'refused',
    detail: 'connection refused',
  }),
  fromAgent: step({
    ok: false,
    status: undefined,
    server: undefined,
    obstacle: 'refused',
    detail: 'connection refused',
  }),
});

/** All that goes with dcvserver. */
const noSessions = agent({
  sessions: [],
  processes: [{ pid: 700, user: 'dcv', elapsed: 60, command: '/usr/bin/dcvserver -d --service' }],
  x: { locks: [], access: undefined, consoleDisplay: undefined },
});
const noServer = all(
  agent({
    sessions: undefined,
    silence: 'Could not list sessions. The dcvserver service is not running',
    processes: [],
    x: { locks: [], access: undefined, consoleDisplay: undefined },
  }),
  system({ listeners: [] }),
  refused,
);

/** The inventory and the agent have console sessions, as they should be. */
const consoleSessions = all((set) => {
  set.inventory.session.type = 'console';
  for (const { agent: facts, system: host } of set.hosts) {
    if (facts === undefined || host === undefined) continue;
    for (const one of facts.sessions ?? []) Object.assign(one, { type: 'console', display: ':0' });
    facts.x = {
      locks: [{ display: ':0', file: '/tmp/.X0-lock', socket: true, pid: 900, alive: true }],
      access: ['access control enabled, only authorized clients can connect', 'SI:localuser:dcv'],
      consoleDisplay: ':0',
    };
    host.units = { ...host.units, 'display-manager.service': unit() };
  }
});

const S3 =
  "2026-12-01 11:00:00,000000 [ 700:700 ] WARN  license-manager - Unable to retrieve license object from AWS S3 bucket 'dcv-license.eu-west-1': Access Denied";
const NO_LICENCE =
  '2026-12-01 11:00:01,000000 [ 700:700 ] ERROR session-manager - Could not create session: Could not acquire dcv licenses: No license for product (-1)';

const SERVICE_FAULTS: readonly SeededFault[] = [
  {
    name: 'DCV was never installed',
    breaks: all(
      noServer,
      agent({ dcv: undefined, silence: undefined, certificate: undefined, conf: {} }),
      desktop({ xdcv: false, webViewer: false }),
      system({ units: { 'dcvserver.service': NO_UNIT, 'dcvsessionlauncher.service': NO_UNIT } }),
    ),
    check: 'agent/dcv-missing',
    subject: 'agent1',
    seen: /no program dcv/,
    remedy: /amazondcv\.com.*\ndcvops doctor agent1/,
  },
  {
    name: 'DCV is from before the web client worked below a path',
    breaks: agent({ dcv: { text: 'NICE DCV 2021.3 (r11591)', release: '2021.3', build: 11_591 } }),
    check: 'agent/dcv-too-old',
    subject: 'agent1',
    seen: /2021\.3 \(r11591\); 2022\.0 \(r12760\) is needed/,
    remedy: /newer DCV/,
  },
  {
    name: 'the first build of 2022.0, too',
    breaks: agent({ dcv: { text: 'NICE DCV 2022.0 (r11954)', release: '2022.0', build: 11_954 } }),
    check: 'agent/dcv-too-old',
    subject: 'agent1',
    seen: /r11954/,
    remedy: /newer DCV/,
  },
  {
    name: 'a web server took the port before dcvserver',
    breaks: all(
      noServer,
      dcvserver({ active: 'failed', sub: 'failed', result: 'exit-code', mainPid: 0 }),
      system({
        listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 8443, program: 'java', pid: 4711 }],
      }),
    ),
    check: 'agent/port-taken',
    subject: 'agent1',
    seen: /^TCP 8443 is held by java \(process 4711\)$/,
    remedy: /dcvops exec --sudo agent1 -- ss -ltnp 'sport = :8443'/,
  },
  {
    name: 'dcvserver ends each time it is started',
    breaks: all(
      noServer,
      dcvserver({
        active: 'failed',
        sub: 'failed',
        result: 'start-limit-hit',
        restarts: 5,
        since: NOW_SECONDS - 60,
        mainPid: 0,
      }),
      signature('crash', 'WARN  main - Process 700 was killed by signal 11'),
    ),
    check: 'agent/service-crash-loops',
    subject: 'agent1',
    seen: /failed \(start-limit-hit\) since 2026-12-01 11:59 UTC, started again by systemd 5 times/,
    remedy: /journalctl --no-pager -u dcvserver/,
  },
  {
    name: 'dcvserver is between two starts',
    breaks: all(
      noServer,
      dcvserver({ active: 'activating', sub: 'auto-restart', result: 'exit-code', restarts: 1 }),
    ),
    check: 'agent/service-crash-loops',
    subject: 'agent1',
    seen: /activating \(exit-code\)/,
    remedy: /journalctl/,
  },
  {
    name: 'dcvserver was stopped',
    breaks: all(
      noServer,
      dcvserver({ active: 'inactive', sub: 'dead', mainPid: 0, since: NOW_SECONDS - 3600 }),
    ),
    check: 'agent/service-down',
    subject: 'agent1',
    seen: /^dcvserver is inactive since 2026-12-01 11:00 UTC$/,
    remedy: /^dcvops service start agent1$/,
  },
  {
    name: 'dcvserver has failed',
    breaks: all(noServer, dcvserver({ active: 'failed', sub: 'failed', result: 'signal', mainPid: 0 })),
    check: 'agent/service-down',
    subject: 'agent1',
    seen: /has failed \(signal\)/,
    remedy: /^dcvops service start agent1\n.*journalctl/,
  },
  {
    name: 'dcvserver is masked',
    breaks: all(
      noServer,
      dcvserver({ load: 'masked', active: 'inactive', sub: 'dead', enabled: 'masked', mainPid: 0 }),
    ),
    check: 'agent/service-down',
    subject: 'agent1',
    seen: /masked/,
    remedy: /unmask dcvserver\ndcvops service start agent1$/,
  },
  {
    name: 'the unit of dcvserver is gone',
    breaks: all(noServer, (set) => {
      systemOf(set).units = { ...systemOf(set).units, 'dcvserver.service': NO_UNIT };
    }),
    check: 'agent/service-down',
    subject: 'agent1',
    seen: /no unit dcvserver\.service/,
    remedy: /nice-dcv-server/,
  },
  {
    name: 'dcvserver is on its way up',
    breaks: all(noServer, dcvserver({ active: 'activating', sub: 'start', since: NOW_SECONDS - 5 })),
    check: 'agent/service-starting',
    subject: 'agent1',
    seen: /is starting since/,
    remedy: /^dcvops doctor agent1$/,
  },
  {
    name: 'the session launcher has failed, and the session with it',
    breaks: all(noSessions, (set) => {
      systemOf(set).units = {
        ...systemOf(set).units,
        'dcvsessionlauncher.service': unit({ active: 'failed', sub: 'failed', result: 'exit-code' }),
      };
    }),
    check: 'agent/launcher-down',
    subject: 'agent1',
    seen: /dcvsessionlauncher is failed/,
    remedy: /^dcvops service start agent1 --unit dcvsessionlauncher$/,
  },
  {
    name: 'dcv hangs',
    breaks: all(agent({ sessions: undefined, silence: '' }), (set) => {
      hostOf(set, 'agent1').hung = ['dcv list-sessions (20 s)'];
    }),
    check: 'agent/not-answering',
    subject: 'agent1',
    seen: /hangs: dcv list-sessions \(20 s\)/,
    remedy: /server\.log\ndcvops service restart agent1$/,
  },
  {
    name: 'dcv does not reach the bus',
    breaks: agent({
      sessions: undefined,
      silence:
        'Could not list sessions. Could not get the system bus: Exhausted all available authentication mechanisms',
    }),
    check: 'agent/not-answering',
    subject: 'agent1',
    seen: /Could not get the system bus/,
    remedy: /^dcvops service restart agent1$/m,
  },
  {
    name: 'dcvserver is not enabled',
    breaks: dcvserver({ enabled: 'disabled' }),
    check: 'agent/service-disabled',
    subject: 'agent1',
    seen: /disabled/,
    remedy: /^dcvops service enable agent1$/,
  },
  {
    name: 'a declared session that nothing creates',
    breaks: declared(undefined),
    check: 'agent/sessions-not-persisted',
    subject: 'agent1',
    seen: /desktop-session is declared, and nothing creates it/,
    remedy: /^dcvops session persist agent1$/,
  },
  {
    name: 'the declaration changed after it was persisted',
    breaks: declared({ fingerprint: 'b'.repeat(64), enabled: true, active: 'active' }),
    check: 'agent/sessions-not-persisted',
    subject: 'agent1',
    seen: /not what the inventory declares any more/,
    remedy: /^dcvops session persist agent1$/,
  },
  {
    name: 'somebody disabled the unit that creates sessions',
    breaks: declared({ fingerprint: 'a'.repeat(64), enabled: false, active: 'active' }),
    check: 'agent/sessions-not-persisted',
    subject: 'agent1',
    seen: /not enabled/,
    remedy: /^dcvops session persist agent1$/,
  },
  {
    name: 'the unit that creates sessions failed at boot',
    breaks: declared({ fingerprint: 'a'.repeat(64), enabled: true, active: 'failed' }),
    check: 'agent/sessions-not-persisted',
    subject: 'agent1',
    seen: /failed when it last ran/,
    remedy: /journalctl --unit=dcvops-sessions/,
  },
  {
    name: 'dcvserver crashed once, hours ago',
    breaks: all(
      dcvserver({ restarts: 1, since: NOW_SECONDS - 7200 }),
      signature('crash', 'WARN  main - Process 700 was killed by signal 11'),
    ),
    check: 'agent/service-restarted',
    subject: 'agent1',
    seen: /again once; it runs since 2026-12-01 10:00 UTC/,
    remedy: /journalctl/,
  },
  {
    name: 'dcvserver crashed once, and somebody is turned away for another reason',
    breaks: all(
      dcvserver({ restarts: 1, since: NOW_SECONDS - 7200 }),
      signature('crash', 'WARN  main - Process 700 was killed by signal 11'),
      signature('not-authorized', 'WARN  session - user anna is not authorized in any channel'),
    ),
    check: 'agent/log-signatures',
    subject: 'agent1',
    seen: /may log in, but has no permission/,
    remedy: /default\.perm/,
    beside: ['agent/service-restarted agent1'],
  },
  {
    name: 'systemd of Amazon Linux 2 gave up, which does not count what it starts again',
    breaks: all(
      noSessions,
      dcvserver({ active: 'failed', result: 'start-limit-hit', restarts: 0, mainPid: 0 }),
    ),
    check: 'agent/service-crash-loops',
    subject: 'agent1',
    seen: /^dcvserver is failed \(start-limit-hit\) since [^,]*$/,
    remedy: /journalctl/,
  },
  {
    name: 'the number of the account dcv was changed',
    breaks: all(
      noServer,
      dcvserver({ active: 'failed', sub: 'failed', result: 'start-limit-hit', restarts: 5, mainPid: 0 }),
      agent({
        logs: {
          directory: '/var/log/dcv',
          directoryOwner: '998',
          foreign: [
            { path: '/var/log/dcv/server.log', owner: '998' },
            { path: '/var/log/dcv/agent.ec2-user.desktop-session.log', owner: '1001' },
            { path: '/var/log/dcv/agent.jane.desk.log', owner: '1002' },
          ],
        },
      }),
    ),
    check: 'agent/log-ownership',
    subject: 'agent1',
    seen: /\/var\/log\/dcv belongs to 998; .*server\.log belongs to 998/,
    remedy:
      /chown dcv \/var\/log\/dcv\n.*chown dcv .*server\.log\n.*chown ec2-user .*agent\.ec2-user\.desktop-session\.log\n.*ls -l/,
  },
];

const SESSION_FAULTS: readonly SeededFault[] = [
  {
    name: 'the instance may not read the licence',
    breaks: all(
      noSessions,
      system({ ec2: true }),
      signature('licence-s3', S3),
      signature('no-licence', NO_LICENCE),
    ),
    check: 'agent/licence',
    subject: 'agent1',
    seen: /the instance cannot read DCV’s licence in S3/,
    remedy:
      /s3:GetObject.*\n.*s3\.eu-west-1\.amazonaws\.com.*\ndcvops exec --sudo agent1 -- dcv reload-licenses/,
  },
  {
    name: 'the licence of a session has ended',
    breaks: session({
      licences: [{ product: 'dcv', status: 'unlicensed', expiresAt: '2026-11-30T00:00:00Z' }],
    }),
    check: 'agent/licence',
    subject: 'agent1',
    seen: /^the licence of a session is unlicensed$/,
    remedy: /reload-licenses/,
  },
  {
    name: 'the licence ends in two weeks',
    breaks: session({
      licences: [{ product: 'dcv', status: 'licensed', expiresAt: '2026-12-15T12:00:00Z' }],
    }),
    check: 'agent/licence-expires',
    subject: 'agent1',
    seen: /ends on 2026-12-15, in 14 days/,
    remedy: /license-file.*\n.*reload-licenses/,
  },
  {
    name: 'the console session took the place of virtual ones',
    breaks: all(
      noSessions,
      conf('session-management/create-session', 'true'),
      (set) => {
        agentOf(set).sessions = [
          { id: 'console', owner: 'ec2-user', type: 'console', name: '', licences: [], status: 'created' },
        ];
      },
      system({
        units: {
          'dcvserver.service': unit(),
          'dcvsessionlauncher.service': unit(),
          'display-manager.service': unit(),
        },
      }),
    ),
    check: 'agent/session-kinds',
    subject: 'agent1',
    seen: /wants virtual sessions; there is console \(console\)/,
    remedy:
      /^dcvops dcv config unset agent1 session-management\/create-session --restart\ndcvops session create agent1$/,
  },
  {
    name: 'a console session will be there first after the next start',
    breaks: conf('session-management/create-session', 'true'),
    check: 'agent/session-kinds',
    subject: 'agent1',
    seen: /create-session=true/,
    remedy: /^dcvops dcv config unset agent1 session-management\/create-session$/,
  },
  {
    name: 'other sessions take all places',
    breaks: all(conf('session-management/max-concurrent-sessions', '1'), session({ id: 'other' }), (set) => {
      agentOf(set).processes = agentOf(set).processes.map((one) => ({
        ...one,
        command: one.command.replace('desktop-session', 'other'),
      }));
    }),
    check: 'agent/session-limit',
    subject: 'agent1',
    seen: /^1 of at most 1 sessions \(max-concurrent-sessions\)/,
    remedy: /^dcvops session list agent1$/,
  },
  {
    name: 'the account of the session was never made',
    breaks: all(
      noSessions,
      account({
        exists: false,
        uid: undefined,
        home: undefined,
        homeOwnerUid: undefined,
        password: 'unknown',
      }),
    ),
    check: 'agent/session-owner',
    subject: 'agent1',
    seen: /^there is no account ec2-user \(the owner of sessions\)$/,
    remedy: /useradd --create-home ec2-user\n.*inventory\/hosts\.yaml/,
  },
  {
    name: 'the session was created with sudo, without an owner',
    breaks: session({ owner: 'root' }),
    check: 'agent/session-owner',
    subject: 'agent1',
    seen: /desktop-session belongs to root; the inventory wants ec2-user/,
    remedy: /^dcvops session create agent1 --replace$/,
  },
  {
    name: 'the host was restarted',
    breaks: noSessions,
    check: 'agent/session-missing',
    subject: 'agent1',
    seen: /no session at all/,
    remedy: /^dcvops session create agent1$/,
  },
  {
    name: 'somebody else’s session is there',
    breaks: all(session({ id: 'other' }), (set) => {
      agentOf(set).processes = agentOf(set).processes.map((one) => ({
        ...one,
        command: one.command.replace('desktop-session', 'other'),
      }));
    }),
    check: 'agent/session-missing',
    subject: 'agent1',
    seen: /no session desktop-session, but other/,
    remedy: /session create agent1$/,
  },
  {
    name: 'the host was restarted, and what is declared for it did not come back',
    breaks: all(noSessions, declared(CURRENT, ['jane', 'joe'])),
    check: 'agent/session-missing',
    subject: 'agent1',
    seen: /no session at all/,
    remedy: /^dcvops session restore agent1$/,
  },
  {
    name: 'of the declared sessions one is missing',
    breaks: declared(CURRENT, ['desktop-session', 'jane']),
    check: 'agent/session-missing',
    subject: 'agent1',
    seen: /^there is no session jane, but desktop-session$/,
    remedy: /^dcvops session restore agent1$/,
  },
  {
    name: 'dcv.conf has to be changed where sessions are declared',
    breaks: all(declared(CURRENT), conf('connectivity/enable-quic-frontend', 'true')),
    check: 'agent/quic',
    subject: 'agent1',
    seen: /enable-quic-frontend=true/,
    remedy: /--restart\ndcvops session restore agent1$/,
  },
  {
    name: 'the X server of the session was killed',
    breaks: (set) => {
      const facts = agentOf(set);
      facts.processes = facts.processes.filter(({ command }) => !command.includes('Xdcv'));
      facts.x.locks = [{ display: ':1', file: '/tmp/.X1-lock', socket: true, pid: 900, alive: false }];
    },
    check: 'agent/session-dead',
    subject: 'agent1',
    seen: /desktop-session is listed as created, but its X server on :1 is gone/,
    remedy: /^dcvops session create agent1 --replace$/,
  },
  {
    name: 'the X server of the session is gone, and took its lock with it',
    breaks: (set) => {
      const facts = agentOf(set);
      facts.processes = facts.processes.filter(({ command }) => !command.includes('Xdcv'));
      facts.x.locks = [];
    },
    check: 'agent/session-dead',
    subject: 'agent1',
    seen: /X server on :1 is gone/,
    remedy: /--replace/,
  },
  {
    name: 'the agent process of the session was killed',
    breaks: (set) => {
      const facts = agentOf(set);
      facts.processes = facts.processes.filter(({ command }) => !command.includes('dcvagent'));
    },
    check: 'agent/session-dead',
    subject: 'agent1',
    seen: /its process dcvagent is gone/,
    remedy: /--replace/,
  },
  {
    name: 'a session that somebody named to harm who pastes the remedy is dead',
    breaks(set) {
      const facts = agentOf(set);
      const [session] = facts.sessions ?? [];
      if (session !== undefined) facts.sessions?.push({ ...session, id: 'x; reboot', display: ':9' });
    },
    check: 'agent/session-dead',
    subject: 'agent1',
    seen: /^x; reboot is listed as created/,
    remedy: /^dcvops session create 'agent1\/x; reboot' --replace$/,
  },
  {
    name: 'the owner has no password',
    breaks: account({ password: 'none' }),
    check: 'agent/password-missing',
    subject: 'agent1',
    seen: /ec2-user has no password/,
    remedy: /^dcvops ssh agent1 -- sudo passwd ec2-user$/,
  },
  {
    name: 'the owner comes from a domain, whose backslash a shell would eat',
    breaks(set) {
      const facts = agentOf(set);
      facts.accounts = facts.accounts.map((one) => ({ ...one, name: 'CORP\\anna', password: 'none' }));
      facts.sessions = (facts.sessions ?? []).map((one) => ({ ...one, owner: 'CORP\\anna' }));
    },
    check: 'agent/password-missing',
    subject: 'agent1',
    seen: /^CORP\\anna has no password/,
    remedy: /^dcvops ssh agent1 -- sudo passwd 'CORP\\anna'$/,
  },
  {
    name: 'all viewers that may be are connected',
    breaks: all(conf('session-management/max-concurrent-clients', '1'), session({ connections: 1 })),
    check: 'agent/max-clients',
    subject: 'agent1',
    seen: /^1 of at most 1 viewers/,
    remedy: /dcv list-connections desktop-session/,
  },
];

const DESKTOP_FAULTS: readonly SeededFault[] = [
  {
    name: 'no desktop was installed, so that the session ended',
    breaks: all(noSessions, desktop({ xSessions: [], waylandSessions: ['weston'] })),
    check: 'agent/no-desktop',
    subject: 'agent1',
    seen: /only for Wayland: weston/,
    remedy: /^dcvops desktop install agent1\ndcvops session create agent1 --replace$/,
  },
  {
    name: 'no desktop on Rocky Linux, where the plan is printed and not run',
    breaks: all(
      desktop({ xSessions: [] }),
      system({
        os: { id: 'rocky', like: ['rhel', 'centos', 'fedora'], version: '9.4', name: 'Rocky Linux 9.4' },
      }),
    ),
    check: 'agent/no-desktop',
    subject: 'agent1',
    seen: /xsessions/,
    remedy: /^dcvops desktop install agent1$/m,
  },
  {
    name: 'no desktop on a distribution of which nothing is known',
    breaks: all(
      desktop({ xSessions: [] }),
      system({ os: { id: 'void', like: [], version: '', name: 'Void' } }),
    ),
    check: 'agent/no-desktop',
    subject: 'agent1',
    seen: /xsessions/,
    remedy: /^install a desktop for X, such as GNOME or Xfce$/m,
  },
  {
    name: 'Xdcv is not installed',
    breaks: all(noSessions, desktop({ xdcv: false })),
    check: 'agent/xdcv-missing',
    subject: 'agent1',
    seen: /no program Xdcv/,
    remedy: /nice-xdcv/,
  },
  {
    name: 'the home folder is not mounted',
    breaks: all(noSessions, account({ homeOwnerUid: undefined })),
    check: 'agent/home-missing',
    subject: 'agent1',
    seen: /\/home\/ec2-user of ec2-user is not there/,
    remedy: /mkhomedir_helper ec2-user/,
  },
  {
    name: 'the home folder has the old number',
    breaks: all(noSessions, account({ homeOwnerUid: 1001 })),
    check: 'agent/home-owner',
    subject: 'agent1',
    seen: /belongs to number 1001; ec2-user is 1000/,
    remedy: /chown -R ec2-user: \/home\/ec2-user/,
  },
  {
    name: 'the user of sessions has the root folder for a home, which must not become its own',
    breaks: all(noSessions, account({ home: '/', homeOwnerUid: 0 })),
    check: 'agent/home-owner',
    subject: 'agent1',
    seen: /^\/ belongs to number 0/,
    remedy:
      /^dcvops exec --sudo agent1 -- getent passwd ec2-user\ngive ec2-user a home folder of its own; \/ is none$/,
  },
  {
    name: 'the user of sessions is an account of a service',
    breaks: all(noSessions, account({ home: '/var/lib/../lib/service', homeOwnerUid: 0 })),
    check: 'agent/home-owner',
    subject: 'agent1',
    seen: /belongs to number 0/,
    remedy: /-- getent passwd ec2-user\ngive/,
  },
  {
    name: 'a lock of an X server was left at a power loss',
    breaks: all(
      noSessions,
      (set) => {
        agentOf(set).x.locks = [
          { display: ':1', file: '/tmp/.X1-lock', socket: true, pid: 900, alive: false },
        ];
      },
      signature('x-server-running', '(EE) Fatal server error: server already running'),
    ),
    check: 'agent/stale-x-lock',
    subject: 'agent1',
    seen: /\/tmp\/\.X1-lock names process 900, and no such X server runs/,
    remedy: /rm -f \/tmp\/\.X1-lock \/tmp\/\.X11-unix\/X1$/,
  },
  {
    name: 'Anaconda comes first in PATH',
    breaks: account({ conda: true }),
    check: 'agent/conda-in-path',
    subject: 'agent1',
    seen: /of ec2-user put Conda first/,
    remedy: /grep -ns conda \/home\/ec2-user\/\.bashrc/,
  },
  {
    name: 'a console host boots without graphics',
    breaks: all(consoleSessions, system({ defaultTarget: 'multi-user.target' }), (set) => {
      agentOf(set).x = { locks: [], access: undefined, consoleDisplay: undefined };
      systemOf(set).units = {
        ...systemOf(set).units,
        'display-manager.service': unit({ active: 'inactive', sub: 'dead' }),
      };
    }),
    check: 'agent/graphical-target',
    subject: 'agent1',
    seen: /default target is multi-user\.target/,
    remedy: /set-default graphical\.target\n.*start graphical\.target/,
  },
  {
    name: 'the display manager of a console host was stopped',
    breaks: all(consoleSessions, (set) => {
      agentOf(set).x = { locks: [], access: undefined, consoleDisplay: undefined };
      systemOf(set).units = {
        ...systemOf(set).units,
        'display-manager.service': unit({ active: 'inactive', sub: 'dead' }),
      };
    }),
    check: 'agent/display-manager',
    subject: 'agent1',
    seen: /\(\/usr\/sbin\/gdm3\) is inactive/,
    remedy: /^dcvops service start agent1 --unit display-manager$/,
  },
  {
    name: 'a console host has no display manager',
    breaks: all(
      consoleSessions,
      desktop({ displayManager: undefined, gdmConf: undefined, waylandEnable: undefined }),
    ),
    check: 'agent/display-manager',
    subject: 'agent1',
    seen: /no display manager is installed/,
    remedy: /^dcvops desktop install agent1$/,
  },
  {
    name: 'a console host has no display manager, and an installation would only print this remedy',
    breaks: all(
      consoleSessions,
      desktop({ displayManager: undefined, gdmConf: undefined, waylandEnable: undefined }),
      system({ os: { id: 'rocky', like: ['rhel'], version: '9.4', name: 'Rocky Linux 9.4' } }),
    ),
    check: 'agent/display-manager',
    subject: 'agent1',
    seen: /no display manager is installed/,
    remedy: /^install a display manager, such as gdm3/,
  },
  {
    name: 'GDM runs Wayland, as Ubuntu installs it',
    breaks: all(consoleSessions, desktop({ waylandEnable: undefined }), (set) => {
      agentOf(set).x.access = ['access control enabled, only authorized clients can connect'];
    }),
    check: 'agent/wayland',
    subject: 'agent1',
    seen: /custom\.conf does not set WaylandEnable=false/,
    remedy:
      /sed -i '\/\^\\\[daemon\\\]\/a WaylandEnable=false' \/etc\/gdm3\/custom\.conf\ndcvops service restart agent1 --unit display-manager$/,
  },
  {
    name: 'the X server of the console lets only its user in',
    breaks: all(consoleSessions, (set) => {
      agentOf(set).x.access = [
        'access control enabled, only authorized clients can connect',
        'SI:localuser:ec2-user',
      ];
    }),
    check: 'agent/x-access',
    subject: 'agent1',
    seen: /SI:localuser:dcv is not among .* on :0 lets in/,
    remedy: /isolate multi-user\.target\n.*isolate graphical\.target/,
  },
  {
    name: 'nouveau has the GPU',
    breaks: agent({
      gpu: {
        devices: ['00:1e.0 3D controller: NVIDIA Corporation TU104GL [Tesla T4]'],
        nvidia: {
          works: false,
          text: 'NVIDIA-SMI has failed because it couldn’t communicate with the NVIDIA driver.',
        },
        nouveau: true,
        glTest: 'error',
      },
    }),
    check: 'agent/nouveau',
    subject: 'agent1',
    seen: /nouveau is loaded; device: .*Tesla T4/,
    remedy: /blacklist nouveau/,
  },
  {
    name: 'the driver was not built for the new kernel',
    breaks: agent({
      gpu: {
        devices: ['00:1e.0 3D controller: NVIDIA Corporation TU104GL [Tesla T4]'],
        nvidia: {
          works: false,
          text: 'NVIDIA-SMI has failed because it couldn’t communicate with the NVIDIA driver.',
        },
        nouveau: false,
        glTest: 'error',
      },
    }),
    check: 'agent/nvidia-driver',
    subject: 'agent1',
    seen: /nvidia-smi fails on kernel 6\.1\.0/,
    remedy: /dcvops exec agent1 -- nvidia-smi/,
  },
  {
    name: 'OpenGL does not work',
    breaks: agent({ gpu: { devices: [], nvidia: undefined, nouveau: false, glTest: 'error' } }),
    check: 'agent/gl-test',
    subject: 'agent1',
    seen: /Test Result: ERROR/,
    remedy: /dcvgldiag/,
  },
];

const WAY_FAULTS: readonly SeededFault[] = [
  {
    name: 'dcvserver was moved to another port',
    breaks: all(
      conf('connectivity/web-port', '9443'),
      system({
        listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 9443, program: 'dcvserver', pid: 700 }],
      }),
      refused,
    ),
    check: 'agent/port',
    subject: 'agent1',
    seen: /^dcvserver listens on port 9443$/,
    remedy: /^dcvops dcv config unset agent1 connectivity\/web-port --restart\ndcvops session create agent1$/,
  },
  {
    name: 'dcvserver will listen on another port after its next start',
    breaks: conf('connectivity/web-port', '9443'),
    check: 'agent/port',
    subject: 'agent1',
    seen: /port 9443 from its next start on/,
    remedy: /^dcvops dcv config unset agent1 connectivity\/web-port --restart$/m,
  },
  {
    name: 'dcvserver was bound to loopback, as behind a web server of its own',
    breaks: all(
      conf('connectivity/web-listen-endpoints', "['127.0.0.1:8443', '[::1]:8443']"),
      system({
        listeners: [
          { protocol: 'tcp', address: '127.0.0.1', port: 8443, program: 'dcvserver', pid: 700 },
          { protocol: 'tcp', address: '::1', port: 8443, program: 'dcvserver', pid: 700 },
        ],
      }),
      refused,
      way({
        route: step({
          ok: false,
          status: 502,
          server: undefined,
          refusal: 'agent',
          detail: '502: the agent refuses the connection',
        }),
        page: undefined,
        webSocket: undefined,
        fromProxy: step({
          ok: false,
          status: undefined,
          server: undefined,
          obstacle: 'refused',
          detail: 'connection refused',
        }),
        fromAgent: step(),
      }),
    ),
    check: 'agent/listens-locally',
    subject: 'agent1',
    seen: /listens on 127\.0\.0\.1 and ::1 only/,
    remedy: /^dcvops dcv config unset agent1 connectivity\/web-listen-endpoints --restart$/m,
  },
  {
    name: 'web-url-path is set, as for a gateway that keeps the path',
    breaks: all(
      conf('connectivity/web-url-path', '/agent1'),
      way({
        route: step({ ok: false, status: 404, detail: '404 from DCV' }),
        page: undefined,
        webSocket: undefined,
        fromProxy: step({ ok: false, status: 404, detail: '404 from DCV' }),
        fromAgent: step({ ok: false, status: 404, detail: '404 from DCV' }),
      }),
    ),
    check: 'agent/web-url-path',
    subject: 'agent1',
    seen: /web-url-path="\/agent1"/,
    remedy: /^dcvops dcv config unset agent1 connectivity\/web-url-path --restart$/m,
  },
  {
    name: 'the inventory has a web_url_path that dcv.conf does not have',
    breaks: (set) => {
      const known = set.inventory.agents.find(({ name }) => name === 'agent1');
      Object.assign(known ?? {}, { webUrlPath: '/desk1' });
    },
    check: 'agent/web-url-path',
    subject: 'agent1',
    seen: /inventory says web_url_path: \/desk1, and dcv\.conf sets no web-url-path/,
    remedy: /^dcvops dcv config set agent1 connectivity\/web-url-path=\/desk1 --restart/,
  },
  {
    name: 'DCV takes one other host name only',
    breaks: all(
      conf('security/allowed-http-host-regex', String.raw`^desks\.example(:443)?$`),
      way({
        route: step({ ok: false, status: 403, detail: '403 from DCV' }),
        page: undefined,
        webSocket: undefined,
        fromProxy: step({ ok: false, status: 403, detail: '403 from DCV' }),
        fromAgent: step({ ok: false, status: 403, detail: '403 from DCV' }),
      }),
    ),
    check: 'agent/host-pattern',
    subject: 'agent1',
    seen: /does not match 10\.213\.66\.188:8443$/,
    remedy: /^dcvops dcv harden agent1 --restart\ndcvops session create agent1$/,
  },
  {
    name: 'DCV takes WebSockets of one other page only',
    breaks: all(
      conf('security/allowed-ws-origin-regex', String.raw`^https://desks\.example$`),
      way({ webSocket: step({ ok: false, status: 403, detail: '403 from DCV' }) }),
    ),
    check: 'agent/origin-pattern',
    subject: 'agent1',
    seen: /does not match https:\/\/10\.213\.66\.188:8443$/,
    remedy: /^dcvops dcv harden agent1 --restart\ndcvops session create agent1$/,
  },
  {
    name: 'the web client was not installed',
    breaks: all(
      desktop({ webViewer: false }),
      way({ page: step({ ok: false, status: 404, detail: '404 from DCV' }), webSocket: undefined }),
    ),
    check: 'agent/web-viewer-missing',
    subject: 'agent1',
    seen: /\/usr\/share\/dcv\/www/,
    remedy: /nice-dcv-web-viewer/,
  },
  {
    name: 'the key belongs to another certificate',
    breaks: (set) => {
      Object.assign(agentOf(set).certificate ?? {}, { pair: false });
    },
    check: 'agent/certificate-pair',
    subject: 'agent1',
    seen: /dcv\.key is not the key of/,
    remedy: /openssl x509/,
  },
  {
    name: 'the key was copied by root',
    breaks: (set) => {
      Object.assign(agentOf(set).certificate ?? {}, { keyMode: '600 root:root' });
    },
    check: 'agent/certificate-permissions',
    subject: 'agent1',
    seen: /^\/etc\/dcv\/dcv\.key is 600 root:root: dcv cannot read it$/,
    remedy: /chown dcv:dcv \/etc\/dcv\/dcv\.key\n.*chmod 600 \/etc\/dcv\/dcv\.key/,
  },
  {
    name: 'everybody can read the key',
    breaks: (set) => {
      Object.assign(agentOf(set).certificate ?? {}, { keyMode: '644 dcv:dcv', mode: '644 dcv:dcv' });
    },
    check: 'agent/certificate-permissions',
    subject: 'agent1',
    seen: /^\/etc\/dcv\/dcv\.key is 644 dcv:dcv: others can read it$/,
    remedy: /chmod 600/,
  },
  {
    name: 'the token verifier is down',
    breaks: all(
      conf('security/auth-token-verifier', 'https://localhost:8444'),
      agent({ verifier: { url: 'https://localhost:8444', reachable: false, reason: 'connection refused' } }),
    ),
    check: 'agent/token-verifier',
    subject: 'agent1',
    seen: /^no connection to https:\/\/localhost:8444: connection refused$/,
    remedy: /^dcvops dcv config get agent1 security\/auth-token-verifier security\/no-tls-strict$/,
  },
  {
    name: 'DCV asks for no password',
    breaks: conf('security/authentication', 'none'),
    check: 'agent/authentication-none',
    subject: 'agent1',
    seen: /authentication="none"; the gateway lets in 10\.213\.0\.0\/16/,
    remedy: /^dcvops dcv harden agent1 --restart\ndcvops session create agent1$/,
  },
  {
    name: 'QUIC is on',
    breaks: conf('connectivity/enable-quic-frontend', 'true'),
    check: 'agent/quic',
    subject: 'agent1',
    seen: /enable-quic-frontend=true/,
    remedy: /^dcvops dcv config unset agent1 connectivity\/enable-quic-frontend --restart$/m,
  },
  {
    name: 'dcvserver has as many files open as it may',
    breaks: signature('too-many-files', 'ERROR frontend - accept failed: Too many open files'),
    check: 'agent/log-signatures',
    subject: 'agent1',
    seen: /as many files and connections open as it may \(once in 24 hours\)/,
    remedy: /systemctl show dcvserver/,
  },
  {
    name: 'xrdp is installed, too',
    breaks: agent({ remoteDesktops: ['xrdp'] }),
    check: 'agent/other-remote-desktops',
    subject: 'agent1',
    seen: /^xrdp$/,
    remedy: /systemctl disable --now xrdp$/,
  },
];

/** Expired on 2026-11-30, self-signed. */
const EXPIRED = `-----BEGIN CERTIFICATE-----
MIIBCTCBsAIBATAKBggqhkjOPQQDAjARMQ8wDQYDVQQDDAZhZ2VudDEwHhcNMjUx
MTMwMDAwMDAwWhcNMjYxMTMwMDAwMDAwWjARMQ8wDQYDVQQDDAZhZ2VudDEwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAATMEmoMut9zGC1WKQVX9bdyFGjmyNTlSZuJ
fKF6PnmkStUos1ebvKsYqEE6bQD/e49jhjU70OGJXT8E5U0LwrxvMAoGCCqGSM49
BAMCA0gAMEUCIC/rpOt6wyirGs77/jZ4SJ+3vohPlLcbNxNTD4BeZRM5AiEAqIwN
DRx4uZPwWBGG8DwS64f8yZ0nB/DHEw3cUL9/vps=
-----END CERTIFICATE-----
`;

export const AGENT_FAULTS: readonly SeededFault[] = [
  ...SERVICE_FAULTS,
  ...SESSION_FAULTS,
  ...DESKTOP_FAULTS,
  ...WAY_FAULTS,
  {
    name: 'the certificate of the agent has ended',
    breaks: (set) => {
      Object.assign(agentOf(set).certificate ?? {}, { chain: [EXPIRED] });
    },
    check: 'agent/certificate',
    subject: 'agent1',
    seen: /\(CN=agent1\) ended on 2026-11-30$/,
    remedy: /openssl x509 -in \/etc\/dcv\/dcv\.pem/,
  },
];
