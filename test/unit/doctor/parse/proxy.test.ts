import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proxyFacts, type ProxyFacts } from '../../../../src/doctor/facts/proxy.ts';
import { type Probes, readProbes } from '../../../../src/doctor/parse/probes.ts';
import { parseProxy } from '../../../../src/doctor/parse/proxy.ts';
import { parseSystem } from '../../../../src/doctor/parse/system.ts';
import { parseRecords } from '../../../../src/shell/records.ts';

/** The facts of a proxy, at the time that it told. */
function factsOf(probes: Probes): ProxyFacts {
  const clock = Number.parseFloat(probes.text('clock') ?? '0');
  const seconds = Number.isFinite(clock) ? clock : 0;
  const system = parseSystem(probes, { before: seconds, after: seconds });
  return parseProxy(probes, system, new Date(seconds * 1000));
}

function factsOfFixture(distribution: string): ProxyFacts {
  const path = new URL(`../../../fixtures/doctor/${distribution}/proxy.txt`, import.meta.url);
  return factsOf(readProbes(parseRecords(readFileSync(path, 'utf8'))));
}

type Told = Readonly<Record<string, string | readonly [output: string, code: number]>>;

function factsOfRecords(told: Told): ProxyFacts {
  const records = Object.entries(told).map(([name, value]) => {
    const [output, code] = typeof value === 'string' ? [value, 0] : value;
    return { name, value: `${output}:${code}` };
  });
  return factsOf(readProbes(records));
}

const workersOf = ({ workers }: ProxyFacts): string[] =>
  workers.map(
    ({ pid, elapsed, shuttingDown, connections, openFiles }) =>
      `${pid} ${elapsed} s${shuttingDown ? ' old' : ''} ${connections ?? '?'}/${openFiles ?? '?'}`,
  );

const rivalsOf = ({ rivals }: ProxyFacts): string[] =>
  rivals.map(({ path, why, active }) => `${path} ${why}${active ? '' : ' inactive'}`);

const errorsOf = ({ errors }: ProxyFacts): string[] =>
  errors.map(({ at, level }) => `${at ?? 'some time'} ${level}`);

describe('what a proxy tells: a fact read wrong sends the person on call to the wrong place', () => {
  it('Debian 12 after a deploy, recorded', () => {
    const facts = factsOfFixture('debian-12');
    expect(facts).toMatchObject({
      nginx: {
        version: [1, 22, 1],
        openssl: '3.0.20',
        modules: { ssl: true, http2: true, stubStatus: true },
      },
      nginxProblem: undefined,
      test: { ok: true, output: '' },
      live: {
        path: '/etc/nginx/conf.d/dcv-gateway.conf',
        releaseId: '956c0f5d7528',
        edited: false,
        mode: '644 root:root',
        allow: ['10.213.0.0/16'],
        agents: [{ name: 'agent1', address: '10.150.248.180' }],
      },
      pending: undefined,
      workerConnections: 16_384,
      connections: { people: 0, agents: 1 },
      logRotation: {
        file: '/etc/logrotate.d/nginx',
        scheduled: true,
        logs: [
          { path: '/var/log/nginx/dcv-access.log', sizeKiB: 2, mode: '640 www-data:adm' },
          { path: '/var/log/nginx/dcv-error.log', sizeKiB: 0, mode: '640 www-data:adm' },
        ],
      },
      certificate: { path: '/etc/dcv-connection-gateway/certs/dcv.crt', mode: '644 root:root' },
      key: { path: '/etc/dcv-connection-gateway/certs/dcv.key', mode: '600 root:root', pair: true },
      youngestWorker: 5,
      mayConnect: undefined,
    });
    expect(facts.releases.map(({ id, who }) => `${id} ${who}`)).toEqual([
      '956c0f5d7528 anna@laptop',
      'before-dcvops anna@laptop',
    ]);
    expect(workersOf(facts)).toEqual(['158 5 s 1/1024', '159 5 s 0/1024']);
    expect(facts.certificate?.chain).toHaveLength(1);
    expect(facts.certificate?.chain[0]).toMatch(/^-----BEGIN [^]*-----END CERTIFICATE-----\n$/);
    // both workers said the same at the same time
    expect(facts.errors.map(({ line }) => line)).toEqual([
      '2026/11/25 17:15:37 [alert] 158#158: setrlimit(RLIMIT_NOFILE, 32768) failed (1: Operation not permitted)',
    ]);
    expect(rivalsOf(facts)).toEqual([]);
  });

  it('Ubuntu 22.04: edited by hand, an older gateway in sites-enabled, an old worker, a worker that crashed', () => {
    const facts = factsOfFixture('ubuntu-22.04');
    expect(facts.nginx?.version).toEqual([1, 18, 0]);
    expect(facts.test?.ok).toBe(true);
    expect(facts.live).toMatchObject({ releaseId: '956c0f5d7528', edited: true, mode: '664 root:adm' });
    expect(facts.releases.map(({ id }) => id)).toEqual(['956c0f5d7528', '1f00d1f00d1f']);
    expect(rivalsOf(facts)).toEqual([
      '/etc/nginx/sites-enabled/old gateway port',
      '/etc/nginx/conf.d/dcv.conf.off routes inactive',
    ]);
    expect(workersOf(facts)).toEqual(['901 700000 s old 40/1024', '1201 3600 s 81/1024', '1202 3600 s 0/?']);
    expect(facts.youngestWorker).toBe(3_600);
    // local time is two hours ahead; what is older than a day is left out
    expect(errorsOf(facts)).toEqual([
      '2026-11-30T14:00:00.000000Z alert',
      '2026-11-30T14:30:00.000000Z crit',
    ]);
  });

  it("Ubuntu 24.04 with nginx.org's nginx: the key is gone, nginx is down, a deploy was cut off, unshare is forbidden", () => {
    const facts = factsOfFixture('ubuntu-24.04');
    expect(facts.test?.ok).toBe(false);
    expect(facts.test?.output).toMatch(/^nginx: \[emerg\] cannot load certificate key/);
    expect(facts).toMatchObject({
      pending: 'the change to 956c0f5d7528 by anna@laptop',
      key: undefined,
      workers: [],
      youngestWorker: undefined,
      logRotation: { scheduled: false, logs: [{ sizeKiB: 4_194_304, mode: '644 nginx:adm' }] },
    });
    expect(errorsOf(facts)).toEqual(['2026-11-30T11:00:00.000000Z emerg']);
  });

  it("Amazon Linux 2: nothing deployed, the old scripts' gateway runs, cron rotates", () => {
    const facts = factsOfFixture('amazon-linux-2');
    expect(facts).toMatchObject({
      nginx: { version: [1, 22, 1] },
      live: undefined,
      releases: [],
      logRotation: { file: '/etc/logrotate.d/nginx', scheduled: true, logs: [] },
      key: { mode: '600 dcvcgw:dcvcgw', pair: true },
      mayConnect: undefined,
    });
    expect(rivalsOf(facts)).toEqual(['/etc/nginx/conf.d/dcv-dynamic-proxy.conf port']);
    expect(workersOf(facts)).toEqual(['3001 86400 s 6/4096']);
  });

  it('Amazon Linux 2023: all is well, and files have no limit', () => {
    const facts = factsOfFixture('amazon-linux-2023');
    expect(facts).toMatchObject({
      nginx: { version: [1, 26, 3], openssl: '3.0.8' },
      live: { edited: false },
      logRotation: { scheduled: true },
      mayConnect: true,
      errors: [],
    });
    expect(workersOf(facts)).toEqual(['2101 50 s 0/?', '2102 51 s 0/?']);
  });

  it('Rocky 9: SELinux keeps nginx from the agents, the key is another one, the timer is off', () => {
    const facts = factsOfFixture('rocky-9');
    expect(facts).toMatchObject({
      logRotation: { file: '/etc/logrotate.d/nginx', scheduled: false },
      key: { pair: false },
      mayConnect: false,
    });
    expect(errorsOf(facts)).toEqual(['2026-11-30T11:59:00.000000Z crit']);
    expect(facts.errors[0]?.line).not.toContain('c2VjcmV0');
  });

  it('SLES 15: no HTTP/2, no ss, no logrotate, a certificate file without a certificate', () => {
    const facts = factsOfFixture('sles-15');
    expect(facts).toMatchObject({
      nginx: { modules: { ssl: true, http2: false } },
      connections: undefined,
      // rotates access.log and error.log, and not the gateway's
      logRotation: { file: undefined, scheduled: false, logs: [] },
      certificate: { chain: [] },
      key: undefined,
      errors: [],
    });
    expect(rivalsOf(facts)).toEqual(['/etc/nginx/vhosts.d/dcv.conf port']);
    expect(workersOf(facts)).toEqual(['1401 3600 s ?/1024']);
  });
});

describe('what is told otherwise', () => {
  it.each<{ name: string; told: Told; facts: Partial<ProxyFacts> }>([
    { name: 'a host without nginx', told: {}, facts: { nginx: undefined, test: undefined, live: undefined } },
    {
      name: 'an nginx that lacks a library',
      told: { 'nginx-version': ['nginx: error while loading shared libraries: libssl.so.1.1', 127] },
      facts: {
        nginx: undefined,
        nginxProblem: 'nginx: error while loading shared libraries: libssl.so.1.1',
      },
    },
    {
      name: 'an nginx that hangs',
      told: { 'nginx-version': ['', 124], 'nginx-test': ['', 124] },
      facts: { nginx: undefined, nginxProblem: 'no answer', test: undefined },
    },
    {
      name: 'a file that dcvops did not write',
      told: { 'gateway-file': 'server { listen 8443 ssl; }\n.', 'gateway-file-mode': '644 root:root' },
      facts: {
        live: {
          path: '/etc/nginx/conf.d/dcv-gateway.conf',
          releaseId: undefined,
          edited: false,
          mode: '644 root:root',
          allow: undefined,
          agents: [],
        },
      },
    },
    {
      name: 'a rival that is a link to the gateway itself',
      told: {
        'nginx-rivals': 'port /etc/nginx/conf.d/dcv-gateway.conf|/etc/nginx/sites-enabled/gateway',
      },
      facts: { rivals: [] },
    },
    {
      name: 'two rivals of which one only routes',
      told: {
        'nginx-rivals':
          'routes /etc/nginx/conf.d/a.conf|/etc/nginx/conf.d/a.conf\nport /etc/nginx/nginx.conf|/etc/nginx/nginx.conf',
      },
      facts: {
        rivals: [
          { path: '/etc/nginx/nginx.conf', why: 'port', active: true },
          { path: '/etc/nginx/conf.d/a.conf', why: 'routes', active: true },
        ],
      },
    },
    {
      name: 'names that two files give; of names of somebody’s own nobody has to be told',
      told: {
        'gateway-file': 'map $dcv_segment $dcv_agent {\nlimit_req_zone $dcv_client zone=dcv_requests:1m;\n.',
        'nginx-overlaps': [
          '/etc/nginx/conf.d/copy.conf|map $dcv_segment $dcv_agent {',
          '/etc/nginx/conf.d/copy.conf|limit_req_zone $dcv_client zone=dcv_requests',
          '/etc/nginx/conf.d/copy.conf|map $uri $dcv_own {',
          '/etc/nginx/conf.d/copy.conf.off|map $dcv_segment $dcv_agent {',
        ].join('\n'),
      },
      facts: { overlaps: [{ path: '/etc/nginx/conf.d/copy.conf', names: ['$dcv_agent', 'dcv_requests'] }] },
    },
    {
      name: 'a host without openssl',
      told: { 'gateway-key': '/etc/k', 'gateway-key-mode': '600 root:root' },
      facts: { key: { path: '/etc/k', mode: '600 root:root', pair: undefined } },
    },
    {
      name: 'the same emergency in the journal and in the log',
      told: {
        clock: '1796040000.0 +0000',
        'nginx-errors':
          '2026/11/30 11:59:00 [emerg] 7#7: bind() to 0.0.0.0:80 failed (98: Address already in use)',
        'nginx-journal':
          '2026-11-30T11:59:01+0000 gw nginx[7]: nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)',
      },
      facts: {
        errors: [
          {
            at: '2026-11-30T11:59:00.000000Z',
            level: 'emerg',
            line: '2026/11/30 11:59:00 [emerg] 7#7: bind() to 0.0.0.0:80 failed (98: Address already in use)',
          },
        ],
      },
    },
  ])('$name', ({ told, facts }) => {
    expect(factsOfRecords(told)).toMatchObject(facts);
  });

  it('makes facts of whatever a host says', () => {
    const names = [
      ...['clock', 'nginx-version', 'nginx-test', 'nginx-limits', 'gateway-file', 'gateway-file-mode'],
      ...['gateway-releases', 'gateway-pending', 'nginx-rivals', 'nginx-workers', 'nginx-connections'],
      ...['log-rotation', 'log-rotation-runs', 'gateway-logs', 'gateway-certificate', 'gateway-key'],
      ...['gateway-certificate-chain', 'gateway-pair', 'nginx-errors', 'nginx-journal', 'nginx-may-connect'],
    ];
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '# release: 0123456789ab\n',
        'port /a|/b\nroutes |/\nport x',
        '1 2 3 nginx: worker process\n99999999999 1 - nginx: worker process',
        '9999/99/99 99:99:99 [emerg] 1#1: x\n[crit] y',
        '/etc/x:/var/log/nginx/[*?{(.log\n:',
        'nginx version: nginx/1.2',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ name: fc.constantFrom(...names), value: anything, code: fc.constantFrom(0, 1, 124) }),
        ),
        (told) => {
          const records = told.map(({ name, value, code }) => ({ name, value: `${value}:${code}` }));
          const facts = factsOf(readProbes(records));
          expect(() => proxyFacts.parse(JSON.parse(JSON.stringify(facts)))).not.toThrow();
        },
      ),
    );
  });
});
