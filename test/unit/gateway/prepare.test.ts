import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { planPreparation, preparationScript } from '../../../src/gateway/prepare.ts';
import { type ProxyFacts, parseProxyFacts } from '../../../src/gateway/proxy-facts.ts';
import type { GatewaySettings } from '../../../src/inventory/types.ts';
import { type ShellText, sh } from '../../../src/shell/shell.ts';
import { gatewaySettings } from './inventories.ts';

const NGINX =
  'nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.9\nconfigure arguments: --with-http_ssl_module --with-http_v2_module';
const TUNED = 'worker_rlimit_nofile 32768;\nevents {\n  worker_connections 16384;\n}\n';
const SELF_SIGNED: GatewaySettings['tls'] = {
  kind: 'self-signed',
  certificate: '/etc/nginx/dcv-gateway.crt',
  key: '/etc/nginx/dcv-gateway.key',
};

/** Facts as the script tells them: each distribution's own records on top of a proxy that lacks nothing. */
function factsOf(records: Readonly<Record<string, string | undefined>>): ProxyFacts {
  const ready = {
    nginx: NGINX,
    unit: 'LoadState=loaded\nActiveState=active\nUnitFileState=enabled',
    'nginx-conf': `${TUNED}.`,
    certificate: 'PEM',
    key: '600 root:root',
    openssl: 'yes',
    'package-manager': 'apt-get',
  };
  const told: Record<string, string | undefined> = { ...ready, ...records };
  return parseProxyFacts(
    Object.entries(told).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
    '/etc/nginx/conf.d/dcv-gateway.conf',
  );
}

const BARE = {
  nginx: 'dcvops: 1: nginx: not found',
  unit: 'LoadState=not-found\nActiveState=inactive\nUnitFileState=',
  'nginx-conf': undefined,
};

/** Facts of freshly made hosts, from each distribution's documentation: its package manager, and what it comes with. */
const DISTRIBUTIONS = [
  [
    'Debian 12',
    { 'package-manager': 'apt-get' },
    'apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends nginx',
  ],
  ['Amazon Linux 2023', { 'package-manager': 'dnf', selinux: 'Permissive off' }, 'dnf -y install nginx'],
  ['Amazon Linux 2', { 'package-manager': 'yum', selinux: 'Disabled ' }, 'amazon-linux-extras enable nginx1'],
  [
    'Rocky 9',
    { 'package-manager': 'dnf', selinux: 'Enforcing off' },
    'setsebool -P httpd_can_network_connect on',
  ],
  ['SLES 15', { 'package-manager': 'zypper' }, 'zypper --non-interactive install nginx'],
] as const;

describe('what a host lacks for being a gateway', () => {
  it('nothing, on a host that is ready', () => {
    expect(planPreparation(factsOf({}), gatewaySettings())).toEqual([]);
  });

  it.each(DISTRIBUTIONS)('%s, as it comes: nginx with its own package manager', (name, records, command) => {
    const plan = planPreparation(factsOf({ ...BARE, ...records }), gatewaySettings());
    expect(plan.map((item) => item.id)).toEqual([
      'nginx',
      'service',
      ...(name === 'Rocky 9' ? ['selinux'] : []),
    ]);
    expect(preparationScript(plan).text.toString()).toContain(command);
  });

  it('openssl too, when a certificate is to be made and there is none', () => {
    const facts = factsOf({ openssl: undefined, certificate: undefined, key: undefined });
    const plan = planPreparation(facts, gatewaySettings({ tls: SELF_SIGNED }));
    expect(plan.map((item) => item.title)).toEqual([
      'install openssl (apt-get)',
      'create a self-signed certificate (/etc/nginx/dcv-gateway.crt, /etc/nginx/dcv-gateway.key; ten years)',
    ]);
  });

  it('a package manager nobody knows is said, with what to install', () => {
    expect(() =>
      planPreparation(factsOf({ ...BARE, 'package-manager': undefined }), gatewaySettings()),
    ).toThrow(/nginx is not installed, and no package manager is known/);
  });

  it.each([
    [{ certificate: undefined }, /certs\/dcv\.crt is missing/],
    [{ key: undefined }, /certs\/dcv\.key is missing/],
    [{ certificate: undefined, key: undefined }, /dcv\.crt and .*dcv\.key is missing/],
  ])('certificates that the inventory says are there: %o', (records, message) => {
    expect(() => planPreparation(factsOf(records), gatewaySettings())).toThrow(message);
  });

  it('an nginx that would not come back after a reboot, and limits for 38 viewers, are worth mending but stop nothing', () => {
    const facts = factsOf({
      unit: 'LoadState=loaded\nActiveState=active\nUnitFileState=disabled',
      'nginx-conf': 'events {\n  worker_connections 768;\n}\n.',
    });
    expect(planPreparation(facts, gatewaySettings()).map(({ id, required }) => [id, required])).toEqual([
      ['service', false],
      ['worker-limits', false],
    ]);
  });

  it('paths and names cannot become commands', () => {
    const tls = { ...SELF_SIGNED, certificate: "/etc/$(id)/a b'.crt" };
    const facts = factsOf({ certificate: undefined, key: undefined });
    const script = preparationScript(planPreparation(facts, gatewaySettings({ tls }))).text.toString();
    expect(script).toContain(`set -- '/etc/$(id)/a b'\\''.crt' /etc/nginx/dcv-gateway.key`);
  });
});

describe('the script that prepares a host', () => {
  const scriptFor = (commands: ShellText): string =>
    preparationScript([
      { id: 'nginx', title: 'install nginx', required: true, commands, file: undefined },
    ]).text.toString();

  async function run(
    commands: ShellText,
    listens: boolean,
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = spawn('sh', ['-c', scriptFor(commands)], { stdio: 'pipe' });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    }
    if (!listens) child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number];
    return { code, ...text };
  }

  it('tells what is done, and how it ended', async () => {
    expect(await run(sh`echo unpacking; echo oh >&2`, true)).toEqual({
      code: 0,
      stdout: '\n## install nginx\nunpacking\noh\n',
      stderr: '',
    });
    expect(await run(sh`echo unpacking; false`, true)).toEqual({
      code: 1,
      stdout: '\n## install nginx\nunpacking\nfailed: install nginx\n',
      stderr: '',
    });
  });

  it('goes on when the connection is lost, also with a program that dies when it cannot print', async () => {
    // cat gives up at the first write that fails, as dpkg does
    expect(await run(sh`seq 1 20000 | cat`, false)).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
