import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { words } from '../../src/shell/shell.ts';
import { REPOSITORY } from './paths.ts';
import {
  LIVE,
  OLD_GATEWAY,
  eventsOf,
  everythingTouchable,
  forgetDeploys,
  inventoryAllowing,
  inventoryVariant,
  leftovers,
  liveRelease,
  servedRelease,
} from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

let lab: TestLab;
let gateway: TestHost;
let wider: string;

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  await lab.reset('gateway');
  wider = await inventoryAllowing(lab, '192.0.2.0/24', 'wider');
});

beforeEach(async () => {
  await forgetDeploys(gateway);
});

describe('dcvops deploy', () => {
  it('puts the gateway live on a proxy that never saw dcvops, and leaves nothing lying about', async () => {
    const run = await lab.dcvops(['deploy']);
    expect(run.stderr).toMatch(/✔ gateway {2}release [0-9a-f]{12} live/);
    expect(run.code).toBe(0);
    expect(await servedRelease(lab)).toBe(await liveRelease(gateway));
    expect(await leftovers(gateway)).toBe('');
    expect(await gateway.sh(`stat -c '%a %U:%G' ${LIVE}`)).toBe('644 root:root');
    expect(await gateway.sh("stat -c '%a' /var/log/nginx/dcv-access.log /var/log/nginx/dcv-error.log")).toBe(
      '640\n640',
    );
  });

  it('touches nothing the second time, not even a time stamp', async () => {
    await lab.dcvops(['deploy']);
    const before = await everythingTouchable(gateway);
    const pids = (await gateway.processes(/nginx: (master|worker)/)).map(({ pid }) => pid);
    const run = await lab.dcvops(['deploy']);
    expect(run.stderr).toContain('unchanged');
    expect(run.code).toBe(0);
    expect(await everythingTouchable(gateway)).toBe(before);
    expect((await gateway.processes(/nginx: (master|worker)/)).map(({ pid }) => pid)).toEqual(pids);
  });

  it('shows with --dry-run what would change, has nginx judge it, and changes nothing', async () => {
    const before = await everythingTouchable(gateway);
    const run = await lab.dcvops(['deploy', '--dry-run']);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain(`gateway:${LIVE}  (no file → 644 root:root)`);
    expect(run.stdout).toContain('+++ /etc/nginx/conf.d/dcv-gateway.conf');
    expect(run.stderr).toContain('nginx accepts it. Nothing changed.');
    expect(await everythingTouchable(gateway)).toBe(before);
  });

  it('says in a dry run what nginx would refuse, in nginx’s words', async () => {
    await gateway.write('/etc/nginx/conf.d/zz-other.conf', 'no_such_directive on;\n', '644');
    const run = await lab.dcvops(['deploy', '--dry-run']);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /would refuse.*Nothing changed.*\n.*unknown directive "no_such_directive" in \/etc\/nginx\/conf\.d\/zz-other\.conf:1/,
    );
  });

  it('tells its events as NDJSON under --json', async () => {
    const run = await lab.dcvops(['deploy', '--json']);
    const events = eventsOf(run.stdout);
    const done = events
      .filter((event) => event['type'] === 'step' && event['state'] === 'done')
      .map((event) => event['step']);
    expect(done).toEqual(['facts', 'stage', 'validate', 'swap', 'reload', 'verify', 'commit']);
    expect(events.at(-1)).toMatchObject({ type: 'outcome', host: 'gateway', outcome: 'done' });
    expect(run.stderr).toBe('');
  });

  it('goes on to its end when whoever reads its output goes away', async () => {
    const program = words([process.execPath, path.join(REPOSITORY, 'dist', 'main.js'), 'deploy', '--json']);
    const run = await lab.operator.sh(`{ ${program.toString()}; echo "exit $?" >&2; } | true`);
    expect(run.stderr).toBe('exit 0\n');
    expect(await liveRelease(gateway)).toBeDefined();
    expect(await servedRelease(lab)).toBe(await liveRelease(gateway));
    expect(await leftovers(gateway)).toBe('');
  });

  it('shows the steps live on a terminal', async () => {
    const run = lab.dcvopsOnTerminal(['deploy']);
    await run.waitFor('Validating with nginx -t');
    const { code } = await run.ended;
    expect(code).toBe(0);
    expect(run.output()).toMatch(/✔.*gateway.* release [0-9a-f]{12} live/);
  });

  it('paints nothing with --no-color, the live display included', async () => {
    const run = lab.dcvopsOnTerminal(['--no-color', 'deploy']);
    expect((await run.ended).code).toBe(0);
    expect(run.output()).toContain('Validating with nginx -t');
    expect(run.output()).not.toMatch(/\x1b\[[0-9;]*m/);
  });

  it('reloads for a certificate that was renewed on disk, and changes nothing else', async () => {
    await lab.dcvops(['deploy']);
    const release = await liveRelease(gateway);
    const kept = await gateway.sh('cat /etc/dcv-connection-gateway/certs/dcv.crt');
    await gateway.sh(
      'openssl req -x509 -key /etc/dcv-connection-gateway/certs/dcv.key -days 30 -subj /CN=renewed -out /etc/dcv-connection-gateway/certs/dcv.crt',
    );
    const run = await lab.dcvops(['deploy']);
    expect(run.stderr).toContain(
      'nginx reloaded, since the certificate on disk is not the one that is served',
    );
    expect(await liveRelease(gateway)).toBe(release);
    const served = await lab.operator.sh(
      'openssl s_client -connect 10.213.66.188:8443 </dev/null 2>/dev/null | openssl x509 -noout -subject',
    );
    expect(served.stdout).toContain('renewed');
    await gateway.write('/etc/dcv-connection-gateway/certs/dcv.crt', `${kept}\n`);
  });

  it('never undoes a deploy for an agent that was dead before, and says so', async () => {
    const agent2 = lab.host('agent2');
    await agent2.sh('systemctl stop dcvserver');
    try {
      await lab.dcvops(['deploy']);
      const run = await lab.dcvops(['deploy', '-i', wider, '--yes']);
      expect(run.code).toBe(0);
      expect(run.stderr).toContain('agent1 200, agent2 502 (as before; not counted)');
    } finally {
      await agent2.sh('systemctl start dcvserver');
    }
  });
});

describe('taking over from the old scripts', () => {
  const oldFile = '/etc/nginx/conf.d/dcv-dynamic-proxy.conf';

  beforeEach(async () => {
    await gateway.write(oldFile, OLD_GATEWAY, '644');
    await gateway.sh('systemctl reload nginx');
  });

  it('refuses to deploy beside a file that would hide ours, and says what to type', async () => {
    const before = await everythingTouchable(gateway);
    const run = await lab.dcvops(['deploy']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(
      'dcv-dynamic-proxy.conf already answers :8443 and would hide ours. Nothing changed.',
    );
    expect(run.stderr).toContain(
      'Next: dcvops deploy --take-over   (undo: dcvops rollback --to before-dcvops)',
    );
    expect(await everythingTouchable(gateway)).toBe(before);
  });

  it('asks on a terminal, and a no changes nothing', async () => {
    const run = lab.dcvopsOnTerminal(['deploy']);
    await run.waitFor('dcv-dynamic-proxy.conf answers :8443 now. Replace it?');
    run.write('n\n');
    expect((await run.ended).code).toBe(1);
    expect(await gateway.read(oldFile)).toBe(OLD_GATEWAY);
  });

  it('moves it aside inside the transaction, and brings it back whole', async () => {
    expect((await lab.dcvops(['deploy', '--take-over'])).code).toBe(0);
    expect((await gateway.attempt(`test -e ${oldFile}`)).code).toBe(1);
    expect(await servedRelease(lab)).toBe(await liveRelease(gateway));

    const back = await lab.dcvops(['rollback', '--to', 'before-dcvops', '--yes']);
    expect(back.stderr).toContain('before-dcvops live');
    expect(back.code).toBe(0);
    expect(await gateway.read(oldFile)).toBe(OLD_GATEWAY);
    expect((await gateway.attempt(`test -e ${LIVE}`)).code).toBe(1);
    const answer = await lab.operator.sh('curl -sk https://10.213.66.188:8443/');
    expect(answer.stdout).toBe('the old gateway\n');
  });
});

describe('what people would lose', () => {
  it('asks before an agent leaves the gateway, naming whose release is live', async () => {
    await lab.dcvops(['deploy']);
    const one = await inventoryVariant(lab, 'one-agent', (text) => text.replace(/^.*name: agent2.*\n/m, ''));
    const run = await lab.dcvops(['deploy', '-i', one]);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /agent2 \(10\.150\.248\.136\) leaves the gateway; live is [0-9a-f]{12} of \S+@\S+, 0 min old\. Nothing changed\./,
    );
    expect((await lab.dcvops(['deploy', '-i', one, '--yes'])).code).toBe(0);
  });

  it('asks before access gets wider, and --yes alone never opens it to everybody', async () => {
    await lab.dcvops(['deploy']);
    const run = await lab.dcvops(['deploy', '-i', wider]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('192.0.2.0/24 may connect, too');
    const open = await inventoryVariant(lab, 'open', (text) => text.replace('[ 10.213.0.0/16 ]', 'any'));
    const why =
      'agent1, agent2 let everyone in without a password (authentication="none" in /etc/dcv/dcv.conf), and gateway.access.allow is any.';
    const refused = await lab.dcvops(['deploy', '-i', open, '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(why);
    expect(refused.stderr).toContain('dcvops deploy --allow-open');
    const dryRun = await lab.dcvops(['deploy', '-i', open, '--dry-run']);
    expect(dryRun.code).toBe(0);
    expect(dryRun.stderr).toContain(why);
    expect((await lab.dcvops(['deploy', '-i', open, '--allow-open'])).code).toBe(0);
  });

  it('keeps a file that somebody edited by hand, also when told to overwrite it', async () => {
    await lab.dcvops(['deploy']);
    const edited = (await gateway.read(LIVE)).replace(
      'client_max_body_size 10g;',
      'client_max_body_size 99m;',
    );
    await gateway.write(LIVE, edited);
    const refused = await lab.dcvops(['deploy', '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('edited by hand');
    expect(await gateway.read(LIVE)).toBe(edited);

    expect((await lab.dcvops(['deploy', '--force'])).code).toBe(0);
    const [kept] = (await gateway.sh('ls -d /var/lib/dcvops/releases/edited-*')).split('\n');
    expect(await gateway.read(`${kept ?? ''}/dcv-gateway.conf`)).toBe(edited);
  });
});

describe('dcvops rollback and releases', () => {
  it('brings the release before back, shows the diff, and lists what is kept', async () => {
    await lab.dcvops(['deploy']);
    const first = await liveRelease(gateway);
    await lab.dcvops(['deploy', '-i', wider, '--yes']);
    const second = await liveRelease(gateway);
    expect(second).not.toBe(first);

    const asked = await lab.dcvops(['rollback']);
    expect(asked.code).toBe(1);
    expect(asked.stdout).toContain('-        allow 192.0.2.0/24;');
    expect(await liveRelease(gateway)).toBe(second);

    const run = await lab.dcvops(['rollback', '--yes']);
    expect(run.code).toBe(0);
    expect(await servedRelease(lab)).toBe(first);

    const listed = JSON.parse((await lab.dcvops(['releases', '--json'])).stdout) as {
      releases: { id: string; live: boolean }[];
    }[];
    expect(listed[0]?.releases.map(({ id, live }) => [id, live])).toEqual([
      [first, true],
      [second, false],
      ['before-dcvops', false],
    ]);
  });

  it('goes back to nothing where nothing was before dcvops', async () => {
    await lab.dcvops(['deploy']);
    const run = await lab.dcvops(['rollback', '--to', 'before-dcvops', '--yes']);
    expect(run.stderr).toContain('nothing has the port, as before dcvops');
    expect(run.code).toBe(0);
    expect((await gateway.attempt(`test -e ${LIVE}`)).code).toBe(1);
    expect((await lab.dcvops(['deploy'])).code).toBe(0);
  });

  it('names the releases that are kept when asked for another', async () => {
    await lab.dcvops(['deploy']);
    const run = await lab.dcvops(['rollback', '--to', 'ffffffffffff', '--yes']);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/release ffffffffffff is not kept; kept are: [0-9a-f]{12}, before-dcvops/);
  });

  it('keeps ten releases and what was there before dcvops', async () => {
    await lab.dcvops(['deploy']);
    const first = await liveRelease(gateway);
    // as deploys of earlier days would have left them
    const days = Array.from({ length: 11 }, (_, index) => `${index + 10}`);
    await gateway.sh(`cd /var/lib/dcvops/releases
      for day in ${days.join(' ')}; do cp -a ${first ?? ''} aaaaaaaaaa$day; touch -d "$day days ago" aaaaaaaaaa$day; done`);
    const file = await inventoryAllowing(lab, '192.0.2.1', 'many');
    expect((await lab.dcvops(['deploy', '-i', file, '--yes'])).code).toBe(0);
    const kept = (await gateway.sh('ls /var/lib/dcvops/releases')).split('\n');
    const youngest = days.slice(0, 8).map((day) => `aaaaaaaaaa${day}`);
    expect(kept.toSorted()).toEqual(
      ['before-dcvops', first, await liveRelease(gateway), ...youngest].toSorted(),
    );
  });
});
