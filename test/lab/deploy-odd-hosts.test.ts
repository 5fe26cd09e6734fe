import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  LIVE,
  forgetDeploys,
  inventoryAllowing,
  leftovers,
  liveRelease,
  servedRelease,
} from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

/** Hosts that are not as a distribution ships them, and undos that meet an obstacle. */

let lab: TestLab;
let gateway: TestHost;
let changed: string;

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  changed = await inventoryAllowing(lab, '192.0.2.0/24', 'changed');
});

beforeEach(async () => {
  await lab.reset('gateway');
  await forgetDeploys(gateway);
});

describe('a conf.d that is a link to somewhere else', () => {
  const state = (): Promise<string> =>
    gateway.sh("find /etc/nginx /srv/conf.d -printf '%p %i %m %s %T@ %C@\\n' | sort");

  beforeEach(async () => {
    await gateway.sh('mv /etc/nginx/conf.d /srv/conf.d && ln -s /srv/conf.d /etc/nginx/conf.d');
    expect((await lab.dcvops(['deploy'])).code).toBe(0);
  });

  it('a dry run changes nothing behind the link', async () => {
    const before = await state();
    const run = await lab.dcvops(['deploy', '-i', changed, '--yes', '--dry-run']);
    expect(run.stderr).toContain('nginx accepts it. Nothing changed.');
    expect(await state()).toBe(before);
  });

  it('a candidate that nginx refuses never gets there, and a good one does', async () => {
    const release = await liveRelease(gateway);
    await gateway.write('/srv/conf.d/zz-other.conf', 'no_such_directive on;\n', '644');
    const refused = await lab.dcvops(['deploy', '-i', changed, '--yes']);
    expect(refused.stderr).toContain('nginx refuses the configuration. Nothing changed.');
    expect(await liveRelease(gateway)).toBe(release);
    await gateway.sh('rm /srv/conf.d/zz-other.conf');
    expect((await lab.dcvops(['deploy', '-i', changed, '--yes'])).code).toBe(0);
    expect(await servedRelease(lab)).toBe(await liveRelease(gateway));
    expect(await gateway.sh('readlink /etc/nginx/conf.d')).toBe('/srv/conf.d');
  });
});

describe('a host that allows no mount namespace, as containers do', () => {
  beforeEach(async () => {
    expect((await lab.dcvops(['deploy'])).code).toBe(0);
    await gateway.write(
      '/usr/local/bin/unshare',
      '#!/bin/sh\necho "unshare: unshare failed: Operation not permitted" >&2\nexit 1\n',
      '755',
    );
  });

  it('can be deployed to, and is told about', async () => {
    const run = await lab.dcvops(['deploy', '-i', changed, '--yes']);
    expect(run.stderr).toContain('no private mount namespace here (unshare: unshare failed');
    expect(run.code).toBe(0);
    expect(await servedRelease(lab)).toBe(await liveRelease(gateway));
  });

  it('a candidate that nginx refuses is undone before any reload', async () => {
    const release = await liveRelease(gateway);
    await gateway.write('/etc/nginx/conf.d/zz-other.conf', 'no_such_directive on;\n', '644');
    const run = await lab.dcvops(['deploy', '-i', changed, '--yes']);
    expect(run.code).toBe(3);
    expect(run.stderr).toMatch(/nginx refuses the configuration: .*no_such_directive/);
    expect(await liveRelease(gateway)).toBe(release);
    expect(await leftovers(gateway)).toBe('');
  });
});

describe('an undo', () => {
  it('that cannot put a file back never says "undone"; the next command undoes it', async () => {
    expect((await lab.dcvops(['deploy'])).code).toBe(0);
    const before = await liveRelease(gateway);
    await gateway.closePort(8443); // the look from outside takes its time
    const run = lab.startDcvops(['deploy', '-i', changed, '--yes', '--json']);
    await run.waitFor('"step":"verify","state":"started"');
    run.kill('SIGSTOP'); // however long the next line takes, the look is not over before Ctrl-C
    await gateway.sh('mount --bind /etc /etc && mount -o remount,ro,bind /etc');
    try {
      run.kill('SIGINT');
      run.kill('SIGCONT');
      const { code, stdout } = await run.ended;
      expect(code).toBe(130);
      expect(stdout).toMatch(/Read-only file system\. The change could not be undone and is still in place/);
    } finally {
      await gateway.sh('umount /etc');
      await gateway.openPorts();
    }
    expect(await liveRelease(gateway)).not.toBe(before);
    const next = await lab.dcvops(['releases']);
    expect(next.code).toBe(0);
    expect(await liveRelease(gateway)).toBe(before);
    expect(await servedRelease(lab)).toBe(before);
    expect(await leftovers(gateway)).toBe('');
  });

  it('never stops nginx because a power cut emptied a note', async () => {
    expect((await lab.dcvops(['deploy'])).code).toBe(0);
    await gateway.sh(
      'mkdir /var/lib/dcvops/pending && cd /var/lib/dcvops/pending && echo "created /etc/nginx/conf.d/none.conf" >manifest && : >was-running && : >was-enabled && echo "a change" >what',
    );
    const run = await lab.dcvops(['deploy']);
    expect(run.stderr).toContain('a change was neither kept nor undone');
    expect(run.stderr).toContain('unchanged');
    expect(await gateway.sh('systemctl is-active nginx; systemctl is-enabled nginx')).toBe('active\nenabled');
  });
});

describe('limits that are raised beside a live release', () => {
  it('leave the kept release whole, and can be taken back', async () => {
    const nginxConf = await gateway.read('/etc/nginx/nginx.conf');
    expect((await lab.dcvops(['deploy'])).code).toBe(0);
    const release = (await liveRelease(gateway)) ?? '';
    const live = await gateway.read(LIVE);
    const prepared = await lab.dcvops(['deploy', '--prepare-host']);
    expect(prepared.code).toBe(0);
    expect(await gateway.read('/etc/nginx/nginx.conf')).not.toBe(nginxConf);
    expect(await gateway.read(`/var/lib/dcvops/releases/${release}/dcv-gateway.conf`)).toBe(live);

    const back = await lab.dcvops(['rollback', '--yes']);
    expect(back.code).toBe(0);
    expect(await gateway.read('/etc/nginx/nginx.conf')).toBe(nginxConf);
    expect(await gateway.read(LIVE)).toBe(live);
  });
});
