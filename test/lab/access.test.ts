import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CommandResult } from './command.ts';
import { labFile } from './paths.ts';
import { forgetDeploys, inventoryVariant, liveRelease, servedRelease } from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

const STATE = '/etc/nginx/dcv-gateway/state';
const DESKTOP = '/10.150.248.180/';
const ANNAS = 'Tr0ub4dor-and-3-more';

let lab: TestLab;
let gateway: TestHost;
let inventory: string;
/** Everything that was shown with all that `-vv` shows, but for passwords that were asked for. */
let shown = '';

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  await forgetDeploys(gateway);
  inventory = await inventoryVariant(lab, 'login', (text) =>
    text.replace(/(access: \{ allow: \[[^\]]*\])/, '$1, basic: true'),
  );
});
afterAll(() => forgetDeploys(gateway));

async function dcvops(args: readonly string[], input?: string): Promise<CommandResult> {
  const run = await lab.dcvops(['-i', inventory, '-vv', ...args], input === undefined ? {} : { input });
  shown += run.stderr + (args.includes('--generate') ? '' : run.stdout);
  return run;
}

/** What a browser gets: the status, and the cookie with which it need not log in again. */
async function enter(how: string): Promise<{ status: string; cookie: string | undefined }> {
  const { stdout } = await lab.operator.sh(
    `curl -sk -o /dev/null -D - --max-time 10 ${how} https://10.213.66.188:8443${DESKTOP}`,
  );
  const [, status = ''] = /^HTTP\S+ (\d+)/.exec(stdout) ?? [];
  const [, cookie] = /^set-cookie: (__Host-dcv_gateway=[0-9a-f]{64});/im.exec(stdout) ?? [];
  return { status, cookie };
}

// A login that a deploy cannot get behind would undo every deploy; one that nobody has shuts everybody out.
it('a deploy of a login that nobody has is kept, and warns until somebody has one', async () => {
  const run = await dcvops(['deploy', '--yes']);
  expect(run.stderr).toMatch(/✔ gateway {2}release [0-9a-f]{12} live/);
  expect(run.stderr).toMatch(/this proxy has no users: nobody can log in/);
  expect(run.stderr).toContain('dcvops access user add NAME --proxy gateway');
  expect(run.code).toBe(0);
  expect(await servedRelease(lab)).toBe(await liveRelease(gateway));
  for (const more of [[], ['--dry-run']]) {
    const again = await dcvops(['deploy', ...more]);
    expect(again.stderr).toMatch(/unchanged/);
    expect(again.stderr.match(/no users/g)).toHaveLength(1);
  }
  expect((await enter(`-u anna:${ANNAS}`)).status).toBe('403');
});

it('users come in with a password or the cookie, until they are removed, and others’ desktops stay', async () => {
  expect((await dcvops(['access', 'user', 'add', 'anna', '--password-stdin'], `${ANNAS}\n`)).code).toBe(0);
  const made = await dcvops(['access', 'user', 'add', 'bob', '--generate']);
  const bobs = made.stdout.trim();
  expect([made.code, bobs]).toEqual([0, expect.stringMatching(/^\S{20,}$/)]);

  expect(await gateway.sh(`stat -c '%a %U:%G' ${STATE}/users ${STATE}/login/accept.map`)).toBe(
    '640 root:www-data\n640 root:www-data',
  );
  expect((await enter('-u anna:wrong-password')).status).toBe('401');
  const anna = await enter(`-u anna:${ANNAS}`);
  expect(anna).toEqual({ status: '200', cookie: expect.any(String) as string });
  expect(await enter(`-b '${anna.cookie ?? ''}'`)).toEqual({ status: '200', cookie: undefined });
  expect((await dcvops(['access', 'user', 'list'])).stdout).toMatch(/^anna .*\nbob /m);
  const deployed = await dcvops(['deploy']);
  expect(deployed.stderr).toContain('unchanged');
  expect(deployed.stderr).not.toContain('no users');

  const desktop = lab.operator.start([
    process.execPath,
    labFile('support', 'websockets-program.js'),
    `wss://bob:${bobs}@10.213.66.188:8443${DESKTOP}auth`,
    '1',
  ]);
  await desktop.waitFor('"event":"open"');
  expect((await dcvops(['access', 'user', 'remove', 'anna'])).code).toBe(0);
  expect((await enter(`-b '${anna.cookie ?? ''}'`)).status).toBe('401');
  expect((await enter(`-u anna:${ANNAS}`)).status).toBe('401');
  expect((await enter(`-u bob:${bobs}`)).status).toBe('200');

  const changed = await dcvops(['access', 'user', 'passwd', 'bob', '--generate']);
  const bobsNext = changed.stdout.trim();
  expect(changed.code).toBe(0);
  expect((await enter(`-u bob:${bobs}`)).status).toBe('401');
  const bob = await enter(`-u bob:${bobsNext}`);
  expect(bob.status).toBe('200');
  desktop.endInput();
  const { stdout: held } = await desktop.ended;
  expect(held).not.toContain('"event":"cut"');
  expect(held).toContain('{"event":"held","count":1}');

  const users = await gateway.read(`${STATE}/users`);
  const [, hash = ''] = /^bob:(\$6\$\S+)$/m.exec(users) ?? [];
  expect(hash).not.toBe('');
  const records = await gateway.sh('cat /var/lib/dcvops/audit.log');
  expect(records).toMatch(/anna/);
  // or the next change of a pool would not wait for five minutes
  expect(records).toMatch(/ reloaded for the logins$/m);
  const cookies = [anna.cookie, bob.cookie].map((cookie) => cookie?.split('=')[1] ?? 'no cookie');
  for (const secret of [ANNAS, bobs, bobsNext, hash, ...cookies]) {
    expect(shown).not.toContain(secret);
    expect(records).not.toContain(secret);
  }
});
