import type { FactSet } from '../../../../src/doctor/facts/fleet.ts';
import type { GatewaySightFacts, PathFacts } from '../../../../src/doctor/facts/path.ts';
import type { ProxyFacts } from '../../../../src/doctor/facts/proxy.ts';
import type { SystemFacts, UnitFacts } from '../../../../src/doctor/facts/system.ts';
import { NO_UNIT, NOW, hostOf, step, unit } from '../healthy.ts';
import {
  ENDS_IN_FOUR_DAYS,
  ENDS_IN_NINETEEN_DAYS,
  EXPIRED,
  ISSUER,
  RENEWED,
  SIGNED,
  SIGNED_FOR_NAME,
} from './certificates.ts';
import type { SeededFault } from './seeded-fault.ts';

const NOW_SECONDS = Date.parse(NOW) / 1000;

type Break = (set: FactSet) => void;

function proxyOf(set: FactSet): ProxyFacts {
  const { proxy } = hostOf(set, 'gateway');
  if (proxy === undefined) throw new Error('no facts of the proxy in this set');
  return proxy;
}

function systemOf(set: FactSet): SystemFacts {
  const { system } = hostOf(set, 'gateway');
  if (system === undefined) throw new Error('no system facts of the proxy in this set');
  return system;
}

/** Several things at once, as they come together on a host. */
const all =
  (...breaks: readonly Break[]): Break =>
  (set) => {
    for (const one of breaks) one(set);
  };

const proxy =
  (changes: Partial<ProxyFacts>): Break =>
  (set) => {
    Object.assign(proxyOf(set), changes);
  };

const live =
  (changes: Partial<NonNullable<ProxyFacts['live']>>): Break =>
  (set) => {
    Object.assign(proxyOf(set).live ?? {}, changes);
  };

const system =
  (changes: Partial<SystemFacts>): Break =>
  (set) => {
    Object.assign(systemOf(set), changes);
  };

const nginxUnit =
  (changes: Partial<UnitFacts>): Break =>
  (set) => {
    systemOf(set).units = { 'nginx.service': unit(changes) };
  };

const gateway =
  (changes: Partial<FactSet['inventory']['gateway']>): Break =>
  (set) => {
    Object.assign(set.inventory.gateway, changes);
  };

/** The gateway, as it is seen from here. */
const sight =
  (changes: Partial<GatewaySightFacts>): Break =>
  (set) => {
    set.gateways = set.gateways.map((one) => ({ ...one, ...changes }));
  };

/** The ways to all agents: what comes after the first step that failed was not asked. */
const ways =
  (steps: Partial<PathFacts>): Break =>
  (set) => {
    set.paths = set.paths.map(({ proxy: name, agent, way }) => ({ proxy: name, agent, way, ...steps }));
  };

/** Nothing answers on the gateway's port, on its own host as little as from here. */
const NO_ANSWER: Break = all(
  sight({
    direct: { ok: false, elapsedMs: 3, obstacle: 'refused', detail: 'connection refused' },
    tunnel: { ok: false, elapsedMs: 3, obstacle: 'refused', detail: 'connection refused' },
    release: undefined,
    http2: undefined,
    certificate: undefined,
  }),
  ways({ way: 'none' }),
);

/** Another server answers there. */
const FOREIGN: Break = all(
  sight({
    direct: step({ ok: false, status: 404, server: 'nginx', detail: 'something else answers (404)' }),
    release: undefined,
    http2: false,
    certificate: { chain: [RENEWED], chainError: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  }),
  ways({
    route: step({ ok: false, status: 404, server: 'nginx', detail: '404 from nginx, which is not DCV' }),
    fromProxy: step(),
    fromAgent: step(),
  }),
);

/** nginx does not run: neither processes nor listeners. */
const NO_PROCESSES: Break = all(
  proxy({ workers: [], youngestWorker: undefined, connections: { people: 0, agents: 0 } }),
  system({ listeners: [] }),
  NO_ANSWER,
);

const NOTHING_DEPLOYED: Break = proxy({ live: undefined, releases: [] });

const worker = (changes: Partial<ProxyFacts['workers'][number]>): ProxyFacts['workers'][number] => ({
  pid: 901,
  elapsed: 200_000,
  shuttingDown: false,
  connections: 4,
  openFiles: 65_536,
  ...changes,
});

/** A line that nginx's error log has since half an hour. */
const logged = (level: string, text: string): ProxyFacts['errors'][number] => ({
  at: new Date(Date.parse(NOW) - 1_800_000).toISOString(),
  level,
  line: `2026/12/01 11:30:00 [${level}] ${text}`,
});

const certificate =
  (chain: readonly string[], chainError?: string): Break =>
  (set) => {
    Object.assign(proxyOf(set).certificate ?? {}, { chain: [...chain] });
    sight({ certificate: { chain: chain.slice(0, 1), chainError } })(set);
  };

export const PROXY_FAULTS: readonly SeededFault[] = [
  {
    name: 'a host without nginx',
    breaks: all(
      NO_PROCESSES,
      NOTHING_DEPLOYED,
      system({ units: { 'nginx.service': NO_UNIT } }),
      proxy({
        nginx: undefined,
        test: undefined,
        workerConnections: undefined,
        certificate: undefined,
        key: undefined,
        logRotation: { file: undefined, scheduled: true, logs: [] },
      }),
    ),
    check: 'proxy/nginx-missing',
    subject: 'gateway',
    seen: /no program nginx/,
    remedy: /^dcvops deploy --prepare-host gateway$/,
  },
  {
    name: 'an update took a library away that nginx needs',
    breaks: all(
      NO_PROCESSES,
      nginxUnit({ active: 'failed', sub: 'failed', result: 'exit-code', mainPid: 0 }),
      proxy({
        nginx: undefined,
        nginxProblem:
          'nginx: error while loading shared libraries: libssl.so.1.1: cannot open shared object file',
        test: { ok: false, output: 'nginx: error while loading shared libraries: libssl.so.1.1' },
      }),
    ),
    check: 'proxy/nginx-missing',
    subject: 'gateway',
    seen: /does not tell its version/,
    remedy: /apt-get install -y --reinstall nginx$/,
  },
  {
    name: 'nginx was stopped',
    breaks: all(
      NO_PROCESSES,
      nginxUnit({ active: 'inactive', sub: 'dead', mainPid: 0, since: NOW_SECONDS - 2_400 }),
    ),
    check: 'proxy/nginx-stopped',
    subject: 'gateway',
    seen: /^nginx is inactive since 2026-12-01 11:20 UTC$/,
    remedy: /nginx -t\ndcvops service start gateway$/,
  },
  {
    name: 'nginx was ended by the kernel',
    breaks: all(
      NO_PROCESSES,
      nginxUnit({ active: 'failed', sub: 'failed', result: 'signal', mainPid: 0, since: NOW_SECONDS - 60 }),
    ),
    check: 'proxy/nginx-stopped',
    subject: 'gateway',
    seen: /^nginx has failed \(signal\) since/,
    remedy: /dcvops service start gateway\ndcvops exec --sudo gateway -- journalctl/,
  },
  {
    name: 'nginx is masked',
    breaks: all(
      NO_PROCESSES,
      nginxUnit({ load: 'masked', active: 'inactive', sub: 'dead', enabled: 'masked', mainPid: 0 }),
    ),
    check: 'proxy/nginx-stopped',
    subject: 'gateway',
    seen: /masked/,
    remedy: /systemctl unmask nginx/,
  },
  {
    name: 'nginx is killed again and again',
    breaks: all(
      NO_PROCESSES,
      nginxUnit({ active: 'activating', sub: 'auto-restart', result: 'signal', restarts: 9 }),
    ),
    check: 'proxy/nginx-stopped',
    subject: 'gateway',
    seen: /again and again/,
    remedy: /journalctl/,
  },
  {
    name: 'a host without systemd on which nobody started nginx',
    breaks: all(NO_PROCESSES, system({ units: undefined })),
    check: 'proxy/nginx-stopped',
    subject: 'gateway',
    seen: /no process/,
    remedy: /^dcvops exec --sudo gateway -- nginx$/m,
  },
  {
    name: 'somebody started nginx by hand',
    breaks: nginxUnit({ active: 'inactive', sub: 'dead', enabled: 'disabled', mainPid: 0 }),
    check: 'proxy/nginx-unmanaged',
    subject: 'gateway',
    seen: /systemd has not started it/,
    remedy: /nginx -s quit\ndcvops service start gateway$/,
  },
  {
    name: 'an nginx that was built by hand and has no unit',
    breaks: system({ units: { 'nginx.service': NO_UNIT } }),
    check: 'proxy/nginx-unmanaged',
    subject: 'gateway',
    seen: /no unit nginx\.service/,
    remedy: /dcvops doctor gateway/,
  },
  {
    name: 'nginx is not started at boot',
    breaks: nginxUnit({ enabled: 'disabled' }),
    check: 'proxy/nginx-disabled',
    subject: 'gateway',
    seen: /disabled/,
    remedy: /^dcvops service enable gateway$/,
  },
  {
    name: 'nginx runs, and was masked since',
    breaks: nginxUnit({ load: 'masked', enabled: 'masked' }),
    check: 'proxy/nginx-disabled',
    subject: 'gateway',
    seen: /masked/,
    remedy: /systemctl unmask nginx\ndcvops service enable gateway$/,
  },
  {
    name: "nginx.org's package was not updated",
    breaks: all(
      proxy({ nginx: { version: [1, 30, 1], modules: { ssl: true, http2: true, stubStatus: true } } }),
      system({ packages: { nginx: '1.30.1-1~bookworm' } }),
    ),
    check: 'proxy/nginx-version',
    subject: 'gateway',
    seen: /^nginx 1\.30\.1 \(nginx\.org\) has CVE-2026-9256, CVE-2026-42533$/,
    remedy: /--only-upgrade nginx$/,
  },
  {
    name: 'an nginx built by hand years ago, beside the packages of the distribution',
    breaks: all(
      proxy({ nginx: { version: [1, 26, 3], modules: { ssl: true, http2: true, stubStatus: true } } }),
      system({ packages: { nginx: '1.22.1-9+deb12u2' } }),
    ),
    check: 'proxy/nginx-version',
    subject: 'gateway',
    seen: /built by hand.*CVE-2026-42945/,
    remedy: /build nginx/,
  },
  {
    name: 'a load balancer was put in front of an nginx that was built by hand, without the module',
    breaks: all(
      proxy({
        nginx: {
          version: [1, 30, 4],
          modules: { ssl: true, http2: true, stubStatus: true, realip: false },
        },
      }),
      gateway({ realIpFrom: ['10.9.0.5/32'] }),
    ),
    check: 'proxy/realip-missing',
    subject: 'gateway',
    seen: /^nginx 1\.30\.4 was built without http_realip_module/,
    remedy: /nginx -V\ninstall nginx from the distribution.*\ndcvops deploy gateway$/,
  },
  {
    name: 'an nginx that is older than any the gateway works with',
    breaks: all(
      proxy({ nginx: { version: [1, 14, 2], modules: { ssl: true, http2: true, stubStatus: true } } }),
      system({ packages: { nginx: '1.14.2-2+deb10u5' } }),
    ),
    check: 'proxy/nginx-version',
    subject: 'gateway',
    seen: /needs 1\.18\.0 or newer/,
    remedy: /update nginx/,
  },
  {
    name: 'a colleague left half a file; nginx runs on',
    breaks: proxy({
      test: {
        ok: false,
        output:
          'nginx: [emerg] unexpected end of file, expecting "}" in /etc/nginx/conf.d/site.conf:12\n' +
          'nginx: configuration file /etc/nginx/nginx.conf test failed',
      },
      errors: [
        logged('emerg', '900#900: unexpected end of file, expecting "}" in /etc/nginx/conf.d/site.conf:12'),
      ],
    }),
    check: 'proxy/config-invalid',
    subject: 'gateway',
    seen: /^nginx -t fails at \/etc\/nginx\/conf\.d\/site\.conf; it still serves/,
    remedy: /nginx -t\ncorrect \/etc\/nginx\/conf\.d\/site\.conf/,
  },
  {
    name: 'the host was started again with a file that nginx refuses',
    breaks: all(
      NO_PROCESSES,
      nginxUnit({ active: 'failed', sub: 'failed', result: 'exit-code', mainPid: 0 }),
      proxy({
        test: { ok: false, output: 'nginx: [emerg] unknown directive "lisen" in /etc/nginx/conf.d/x.conf:1' },
      }),
    ),
    check: 'proxy/config-invalid',
    subject: 'gateway',
    seen: /^nginx -t fails at \/etc\/nginx\/conf\.d\/x\.conf$/,
    remedy: /correct/,
  },
  {
    name: 'nothing was deployed yet',
    breaks: all(
      NOTHING_DEPLOYED,
      NO_ANSWER,
      system({ listeners: [] }),
      proxy({
        logRotation: { file: '/etc/logrotate.d/nginx', scheduled: true, logs: [] },
        workerConnections: 768,
        workers: [worker({ openFiles: 1024, connections: 0 })],
      }),
    ),
    check: 'proxy/not-deployed',
    subject: 'gateway',
    seen: /^there is no \/etc\/nginx\/conf\.d\/dcv-gateway\.conf$/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: "the old scripts' gateway is still at work",
    breaks: all(
      NOTHING_DEPLOYED,
      FOREIGN,
      proxy({ rivals: [{ path: '/etc/nginx/conf.d/dcv-dynamic-proxy.conf', why: 'port', active: true }] }),
    ),
    check: 'proxy/not-deployed',
    subject: 'gateway',
    seen: /dcv-dynamic-proxy\.conf answers the port instead/,
    remedy: /^dcvops deploy --take-over gateway$/,
  },
  {
    name: 'somebody wrote a gateway of their own into the file',
    breaks: all(live({ releaseId: undefined, edited: false, allow: undefined, agents: [] }), FOREIGN),
    check: 'proxy/not-deployed',
    subject: 'gateway',
    seen: /was not written by dcvops/,
    remedy: /--dry-run gateway\ndcvops deploy --force gateway$/,
  },
  {
    name: 'a deploy was cut off by a power failure',
    breaks: all(
      proxy({ pending: 'the change to 0a0b0c0d0e0f by anna@laptop' }),
      live({ releaseId: '0a0b0c0d0e0f', allow: ['10.99.0.0/16'] }),
    ),
    check: 'proxy/pending',
    subject: 'gateway',
    seen: /^the change to 0a0b0c0d0e0f by anna@laptop was neither kept nor undone$/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'another program has the port',
    breaks: all(
      NO_PROCESSES,
      FOREIGN,
      nginxUnit({ active: 'failed', sub: 'failed', result: 'exit-code', mainPid: 0 }),
      system({
        listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 8443, program: 'java', pid: 4711 }],
      }),
      proxy({
        errors: [logged('emerg', '77#77: bind() to 0.0.0.0:8443 failed (98: Address already in use)')],
      }),
    ),
    check: 'proxy/port-taken',
    subject: 'gateway',
    seen: /^TCP 8443 is held by java \(process 4711\)$/,
    remedy: /ss -ltnp 'sport = :8443'\nstop java, or/,
  },
  {
    name: 'another program has the port, which DCV Connection Gateway did not get either',
    breaks: all(
      NO_PROCESSES,
      FOREIGN,
      nginxUnit({ active: 'failed', result: 'exit-code', mainPid: 0 }),
      (set) => {
        const { units } = systemOf(set);
        Object.assign(units ?? {}, {
          'dcv-connection-gateway.service': unit({ active: 'failed', result: 'exit-code', mainPid: 0 }),
        });
        systemOf(set).listeners = [
          { protocol: 'tcp', address: '0.0.0.0', port: 8443, program: 'java', pid: 4711 },
        ];
      },
    ),
    check: 'proxy/port-taken',
    subject: 'gateway',
    seen: /^TCP 8443 is held by java/,
    remedy: /stop java, or/,
    beside: ['leftovers/connection-gateway gateway'],
  },
  {
    name: 'DCV runs on the proxy itself',
    breaks: all(
      FOREIGN,
      system({ listeners: [{ protocol: 'tcp', address: '*', port: 8443, program: 'dcvserver', pid: 700 }] }),
      proxy({ errors: [logged('emerg', '700#700: still could not bind()')] }),
    ),
    check: 'proxy/port-taken',
    subject: 'gateway',
    seen: /held by dcvserver/,
    remedy: /DCV itself runs on this host/,
  },
  {
    name: "the old scripts' file came back, and waits for a reload",
    breaks: proxy({
      rivals: [{ path: '/etc/nginx/conf.d/dcv-dynamic-proxy.conf', why: 'port', active: true }],
    }),
    check: 'proxy/rival-files',
    subject: 'gateway',
    seen: /dcv-dynamic-proxy\.conf listens on 8443, too$/,
    remedy: /^dcvops deploy --take-over gateway$/,
  },
  {
    name: "nginx.conf's own server answers before the gateway",
    breaks: all(proxy({ rivals: [{ path: '/etc/nginx/nginx.conf', why: 'port', active: true }] }), FOREIGN),
    check: 'proxy/rival-files',
    subject: 'gateway',
    seen: /and answers instead of the gateway/,
    remedy: /^move the server block with 8443 from \/etc\/nginx\/nginx\.conf/,
  },
  {
    name: 'files were copied into place, and nobody reloaded nginx',
    breaks: all(
      live({ releaseId: '0a0b0c0d0e0f' }),
      ways({
        route: step({ ok: false, status: 403, server: 'nginx', refusal: 'deny', detail: '403: not served' }),
        fromProxy: step(),
        fromAgent: step(),
      }),
    ),
    check: 'proxy/not-live',
    subject: 'gateway',
    seen: /^release 0a0b0c0d0e0f is on disk, and nginx serves 3f9a1c0d5e7b$/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'a reload failed without a word, for the port of another site is taken',
    breaks: all(
      nginxUnit({ mainPid: 800 }),
      proxy({
        errors: [
          logged('emerg', '800#800: bind() to 0.0.0.0:80 failed (98: Address already in use)'),
          logged('emerg', '800#800: still could not bind()'),
        ],
      }),
    ),
    check: 'proxy/not-live',
    subject: 'gateway',
    seen: /could not take its last reload/,
    remedy: /ss -ltnp 'sport = :80'\ndcvops deploy gateway\n.*systemctl reload nginx$/,
  },
  {
    name: 'the key of a shared zone was changed, and the reload failed without a word',
    breaks: all(
      live({ releaseId: '0a0b0c0d0e0f' }),
      proxy({
        errors: [
          logged(
            'emerg',
            '700#700: limit_req "site" uses the "$host" key while previously it used the "$binary_remote_addr" key',
          ),
        ],
      }),
    ),
    check: 'proxy/not-live',
    subject: 'gateway',
    seen: /nginx serves 3f9a1c0d5e7b/,
    remedy: /dcvops deploy gateway/,
  },
  {
    name: 'the file was edited by hand',
    breaks: live({ edited: true, allow: ['10.213.0.0/16', '10.99.0.0/16'] }),
    check: 'proxy/edited',
    subject: 'gateway',
    seen: /edited by hand since release 3f9a1c0d5e7b/,
    remedy: /--dry-run gateway\ndcvops deploy --force gateway$/,
  },
  {
    name: 'a page of the portal is gone, another one was changed by hand',
    breaks: proxy({
      filesAmiss: [
        { path: '/etc/nginx/dcv-gateway/pages/portal.en.html', isThere: true },
        { path: '/etc/nginx/dcv-gateway/pages/portal.ja.html', isThere: false },
      ],
    }),
    check: 'proxy/files-amiss',
    subject: 'gateway',
    seen: /portal\.en\.html is not as it was deployed; .*portal\.ja\.html is missing$/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'everybody may connect, and an agent asks for no login',
    breaks: all(live({ allow: ['any'] }), gateway({ allow: ['any'] }), (set) => {
      const { agent } = hostOf(set, 'agent1');
      if (agent !== undefined) agent.conf['security/authentication'] = 'none';
    }),
    check: 'proxy/open-to-everybody',
    subject: 'gateway',
    seen: /lets everybody in, and agent1 asks for no login/,
    remedy: /^set gateway\.access\.allow in inventory\/hosts\.yaml/,
  },
  {
    name: 'the inventory was closed, but not deployed',
    breaks: live({ allow: ['any'] }),
    check: 'proxy/allow-differs',
    subject: 'gateway',
    seen: /^lets in everybody, which the inventory does not; does not yet let in 10\.213\.0\.0\/16$/,
    remedy: /--dry-run gateway\ndcvops deploy gateway$/,
  },
  {
    name: 'a network was denied in the inventory, and not deployed',
    breaks: gateway({ deny: ['10.213.9.0/24'] }),
    check: 'proxy/allow-differs',
    subject: 'gateway',
    seen: /^does not yet refuse 10\.213\.9\.0\/24$/,
    remedy: /deploy gateway/,
  },
  {
    name: 'a new office is in the inventory only',
    breaks: gateway({ allow: ['10.213.0.0/16', '10.214.0.0/16', '127.0.0.1'] }),
    check: 'proxy/allow-differs',
    subject: 'gateway',
    seen: /^does not yet let in 10\.214\.0\.0\/16$/,
    remedy: /deploy gateway/,
  },
  {
    name: 'an agent was added and another one removed since the last deploy',
    breaks: live({
      agents: [
        { name: 'agent1', address: '10.150.248.180' },
        { name: 'agent9', address: '10.150.248.9' },
      ],
    }),
    check: 'proxy/agents-differ',
    subject: 'gateway',
    seen: /does not name agent2; it names agent9, which is not in the inventory$/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'SELinux keeps nginx from the agents',
    breaks: all(
      system({
        selinux: {
          mode: 'enforcing',
          denials: ['avc:  denied  { name_connect } for  pid=801 comm="nginx" dest=8443 permissive=0'],
        },
      }),
      proxy({
        mayConnect: false,
        errors: [
          logged(
            'crit',
            '801#801: *5 connect() to 10.150.248.180:8443 failed (13: Permission denied) while connecting to upstream',
          ),
        ],
      }),
      ways({
        route: step({ ok: false, status: 502, server: 'nginx', refusal: 'agent', detail: '502: no agent' }),
        fromProxy: step(),
        fromAgent: step(),
      }),
    ),
    check: 'proxy/selinux',
    subject: 'gateway',
    seen: /httpd_can_network_connect is off/,
    remedy: /setsebool -P httpd_can_network_connect on$/,
  },
  {
    name: 'firewalld has no rule for the port, and nobody asked the gateway',
    breaks: all(
      (set) => {
        set.gateways = [];
        set.paths = [];
      },
      system({
        firewalls: [
          {
            tool: 'firewalld',
            active: true,
            rules: ['public (active)', '  target: default', '  services: ssh', '  ports: ', '  rich rules: '],
          },
        ],
      }),
    ),
    check: 'proxy/firewall',
    subject: 'gateway',
    seen: /firewalld\) lets nobody in on TCP 8443/,
    remedy: /--add-port=8443\/tcp/,
  },
  {
    name: 'the certificate was moved away; nginx runs on with what it read',
    breaks: proxy({
      certificate: undefined,
      test: {
        ok: false,
        output: 'nginx: [emerg] cannot load certificate "/etc/dcv-connection-gateway/certs/dcv.crt"',
      },
    }),
    check: 'proxy/certificate-missing',
    subject: 'gateway',
    seen: /^\/etc\/dcv-connection-gateway\/certs\/dcv\.crt is missing or empty$/,
    remedy: /put certificate and key there/,
  },
  {
    name: 'the certificate file holds something else',
    breaks: all(
      (set) => {
        Object.assign(proxyOf(set).certificate ?? {}, { chain: [] });
      },
      proxy({ test: { ok: false, output: 'nginx: [emerg] cannot load certificate: no start line' } }),
    ),
    check: 'proxy/certificate-missing',
    subject: 'gateway',
    seen: /holds no certificate/,
    remedy: /ls -l/,
  },
  {
    name: 'a self-signed certificate and its key are gone',
    breaks: all(gateway({ selfSigned: true }), proxy({ certificate: undefined, key: undefined })),
    check: 'proxy/certificate-missing',
    subject: 'gateway',
    seen: /dcv\.crt and .*dcv\.key are missing/,
    remedy: /dcvops deploy --prepare-host gateway$/,
  },
  {
    name: 'the certificate has ended',
    breaks: certificate([EXPIRED], 'CERT_HAS_EXPIRED'),
    check: 'proxy/certificate-expired',
    subject: 'gateway',
    seen: /ended on 2026-11-20$/,
    remedy: /renew \/etc\/dcv-connection-gateway\/certs\/dcv\.crt, then: dcvops deploy gateway$/,
  },
  {
    name: 'the certificate has ended, and the clock of its host is a minute off',
    breaks: all(certificate([EXPIRED], 'CERT_HAS_EXPIRED'), (set) => {
      systemOf(set).clock.offset = 61;
    }),
    check: 'proxy/certificate-expired',
    subject: 'gateway',
    seen: /ended on 2026-11-20$/,
    remedy: /renew/,
    beside: ['host/clock gateway'],
  },
  {
    name: 'a copy of an older gateway file without its server decides who is let in',
    breaks: proxy({
      overlaps: [{ path: '/etc/nginx/conf.d/zz-copy.conf', names: ['$dcv_allow', '$dcv_action'] }],
    }),
    check: 'proxy/overlapping-names',
    subject: 'gateway',
    seen: /^\/etc\/nginx\/conf\.d\/zz-copy\.conf gives \$dcv_allow and \$dcv_action, too$/,
    remedy:
      /^dcvops exec --sudo gateway -- grep -n dcv_ \/etc\/nginx\/conf\.d\/zz-copy\.conf\n.*reload nginx$/,
  },
  {
    name: 'the certificate ends within a week',
    breaks: certificate([ENDS_IN_FOUR_DAYS]),
    check: 'proxy/certificate-expired',
    subject: 'gateway',
    seen: /ends on 2026-12-05, in 4 days$/,
    remedy: /renew/,
  },
  {
    name: 'a self-signed certificate ends within a month',
    breaks: all(gateway({ selfSigned: true }), certificate([ENDS_IN_NINETEEN_DAYS])),
    check: 'proxy/certificate-expired',
    subject: 'gateway',
    seen: /ends on 2026-12-20, in 19 days$/,
    remedy: /mv .*dcv\.crt .*dcv\.crt\.old\ndcvops deploy --prepare-host gateway$/,
  },
  {
    name: 'the certificate was renewed, and nginx was not told',
    breaks: (set) => {
      Object.assign(proxyOf(set).certificate ?? {}, { chain: [RENEWED] });
    },
    check: 'proxy/certificate-not-served',
    subject: 'gateway',
    seen: /is not what nginx serves: that one .* ends on 2036-10-03$/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'the certificate is for another name',
    breaks: certificate([SIGNED_FOR_NAME, ISSUER], 'SELF_SIGNED_CERT_IN_CHAIN'),
    check: 'proxy/certificate-names',
    subject: 'gateway',
    seen: /is not for 10\.213\.66\.188, but for DNS:desktops\.example$/,
    remedy: /subjectAltName\nget a certificate for 10\.213\.66\.188/,
  },
  {
    name: "the authority's certificate was left out of the file",
    breaks: certificate([SIGNED], 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    check: 'proxy/certificate-chain',
    subject: 'gateway',
    seen: /holds the server’s certificate only; its issuer \(CN=Example Issuing CA\)/,
    remedy: /put the certificates of CN=Example Issuing CA behind/,
  },
  {
    name: 'the chain of another certificate was put behind it',
    breaks: certificate([SIGNED, RENEWED], 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    check: 'proxy/certificate-chain',
    subject: 'gateway',
    seen: /none of the other certificates/,
    remedy: /openssl x509/,
  },
  {
    name: 'the key is another one; nginx runs on with what it read',
    breaks: all(
      (set) => {
        Object.assign(proxyOf(set).key ?? {}, { pair: false });
      },
      proxy({
        test: { ok: false, output: 'nginx: [emerg] SSL_CTX_use_PrivateKey failed: key values mismatch' },
      }),
    ),
    check: 'proxy/key-mismatch',
    subject: 'gateway',
    seen: /dcv\.key is not the key of .*dcv\.crt$/,
    remedy: /put the key that belongs to it/,
  },
  {
    name: 'everybody may read the key',
    breaks: (set) => {
      Object.assign(proxyOf(set).key ?? {}, { mode: '644 root:root' });
    },
    check: 'proxy/key-permissions',
    subject: 'gateway',
    seen: /dcv\.key is 644 root:root$/,
    remedy: /chmod o= \/etc\/dcv-connection-gateway\/certs\/dcv\.key$/,
  },
  {
    name: "Debian's number of connections a worker was left as it is",
    breaks: proxy({ workerConnections: 768 }),
    check: 'proxy/worker-connections',
    subject: 'gateway',
    seen: /^worker_connections is 768, and the inventory wants 16384; the busiest worker has 4$/,
    remedy: /^dcvops deploy --prepare-host gateway$/,
  },
  {
    name: 'nginx has run out of connections',
    breaks: proxy({
      workers: [worker({ connections: 16_380 }), worker({ pid: 902 })],
      errors: [logged('alert', '901#901: 16384 worker_connections are not enough')],
    }),
    check: 'proxy/worker-connections',
    subject: 'gateway',
    seen: /the busiest worker has 16380$/,
    remedy: /^raise gateway\.worker_connections in inventory\/hosts\.yaml \(now 16384\)/,
  },
  {
    name: 'a hundred agents behind workers that may open 1024 files',
    breaks: (set) => {
      const agents = Array.from({ length: 100 }, (_, index) => ({
        name: `desk${index}`,
        address: `10.150.248.${index + 1}`,
      }));
      set.inventory.agents = agents;
      live({ agents })(set);
      proxy({ workers: [worker({ openFiles: 1024 }), worker({ pid: 902, openFiles: 1024 })] })(set);
    },
    check: 'proxy/file-limit',
    subject: 'gateway',
    seen: /^each of 2 workers may open 1024 files, which is enough for about 51 desktops; there are 100 agents$/,
    remedy: /LimitNOFILE=65536/,
  },
  {
    name: 'a worker has no files left',
    breaks: proxy({
      workers: [worker({ openFiles: 1024, connections: 1010 })],
      errors: [logged('crit', '901#901: accept4() failed (24: Too many open files)')],
    }),
    check: 'proxy/file-limit',
    subject: 'gateway',
    seen: /hardly any of its 1024 files left/,
    remedy: /dcvops deploy --prepare-host gateway/,
  },
  {
    name: 'two desktops are open since before the last deploy',
    breaks: proxy({
      workers: [worker({}), worker({ pid: 902, shuttingDown: true, elapsed: 400_000, connections: 40 })],
    }),
    check: 'proxy/old-workers',
    subject: 'gateway',
    seen: /^1 old worker of 1 reload, the oldest started 4 days ago, holds 40 connections$/,
    remedy: /ps -C nginx/,
  },
  {
    name: 'a deploy every hour, and people who stay',
    breaks: proxy({
      workers: [
        worker({ elapsed: 60 }),
        ...[1, 2, 3, 4, 5].flatMap((hour) =>
          [0, 1].map((second) =>
            worker({
              pid: hour * 10 + second,
              shuttingDown: true,
              elapsed: hour * 3_600 + second,
              connections: 10,
            }),
          ),
        ),
      ],
    }),
    check: 'proxy/old-workers',
    subject: 'gateway',
    seen: /^10 old workers of 5 reloads, the oldest started 5 hours ago, hold 100 connections$/,
    remedy: /open their desktops anew/,
  },
  {
    name: 'a worker crashed',
    breaks: proxy({ errors: [logged('alert', '800#800: worker process 801 exited on signal 11')] }),
    check: 'proxy/errors-in-log',
    subject: 'gateway',
    seen: /^1 grave line since/,
    remedy: /^dcvops logs gateway --since 24h$/,
  },
  {
    name: "no file of logrotate is about nginx's logs",
    breaks: (set) => {
      proxyOf(set).logRotation.file = undefined;
      systemOf(set).packages = { nginx: '1.22.1-9+deb12u2' };
    },
    check: 'proxy/log-rotation',
    subject: 'gateway',
    seen: /no file of logrotate is about \/var\/log\/nginx/,
    remedy: /^dcvops exec --sudo gateway -- apt-get install -y logrotate\n.*\/etc\/logrotate\.d\/nginx/,
  },
  {
    name: 'the timer of logrotate was stopped',
    breaks: (set) => {
      proxyOf(set).logRotation.scheduled = false;
      Object.assign(systemOf(set).units ?? {}, {
        'logrotate.timer': unit({ active: 'inactive', sub: 'dead', enabled: 'disabled' }),
      });
    },
    check: 'proxy/log-rotation',
    subject: 'gateway',
    seen: /logrotate\.timer is not active$/,
    remedy: /systemctl enable --now logrotate\.timer$/,
  },
  {
    name: 'a log that has not been rotated for months',
    breaks: (set) => {
      const [access] = proxyOf(set).logRotation.logs;
      Object.assign(access ?? {}, { sizeKiB: 9_000_000 });
    },
    check: 'proxy/log-rotation',
    subject: 'gateway',
    seen: /dcv-access\.log has 9\.2/,
    remedy: /logrotate --verbose \/etc\/logrotate\.d\/nginx/,
  },
  {
    name: 'nginx made its error log by itself, for everybody to read',
    breaks: (set) => {
      const [, error] = proxyOf(set).logRotation.logs;
      Object.assign(error ?? {}, { mode: '644 root:root' });
    },
    check: 'proxy/log-permissions',
    subject: 'gateway',
    seen: /^\/var\/log\/nginx\/dcv-error\.log is 644 root:root$/,
    remedy: /chmod o= \/var\/log\/nginx\/dcv-error\.log$/,
  },
];
