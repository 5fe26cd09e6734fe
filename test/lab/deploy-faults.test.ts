import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import {
  LIVE,
  eventsOf,
  everythingTouchable,
  filesOfRelease,
  forgetDeploys,
  inventoryAllowing,
  inventoryVariant,
  leftovers,
  liveRelease,
  servedRelease,
} from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import type { RunningProgram } from './support/program.ts';

/** Each of these is a bad day; after each the gateway serves the old or the new release, whole, and the next deploy works. */

const STEPS = ['stage', 'validate', 'swap', 'reload', 'verify', 'commit'] as const;
/** How long the host waits for the operator's word, in seconds. */
const CONFIRM = '4';
/** The same where no word is going to come. */
const CONFIRM_IN_VAIN = '2';

let lab: TestLab;
let gateway: TestHost;
/** The inventories that tests deploy by turns: what one leaves live is what the next begins with. */
let inventories: readonly [string, string];
const ONLY_IN_SECOND = '192.0.2.0/24';
/** The inventory that is live when a test begins, its release, and the inventory that is deployed in the test. */
let unchanged: string;
let before: string | undefined;
let changed: string;

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  await lab.reset('gateway');
  // a release of one file, and one with a page and a pool beside it: each deploy makes or removes files and folders
  const several = await inventoryVariant(lab, 'changed', (text) =>
    text
      .replace('10.213.0.0/16', `10.213.0.0/16, ${ONLY_IN_SECOND}`)
      .replace('default: agent1', 'default: [agent1, agent2]\n  portal: true'),
  );
  inventories = [lab.inventory, several];
  await startAnew();
});

beforeEach(takeTurns);

afterEach(async ({ task }) => {
  await gateway.reconnect();
  await gateway.openPorts();
  if (task.result?.state === 'fail') await startAnew();
});

async function takeTurns(): Promise<void> {
  before = await liveRelease(gateway);
  const [first, second] = inventories;
  const secondIsLive = (await gateway.read(LIVE)).includes(ONLY_IN_SECOND);
  [unchanged, changed] = secondIsLive ? [second, first] : [first, second];
}

/** A gateway as its first deploy leaves it. */
async function startAnew(): Promise<void> {
  await forgetDeploys(gateway);
  expect((await lab.dcvops(['deploy'])).code).toBe(0);
}

const deployUnchanged = (...more: string[]): string[] => ['deploy', '-i', unchanged, '--yes', ...more];

const deployChange = (...more: string[]): string[] => [
  'deploy',
  '-i',
  changed,
  '--yes',
  '--confirm-within',
  CONFIRM,
  ...more,
];

async function expectNothingHalfDone(): Promise<void> {
  await eventually(
    async () => {
      expect(await leftovers(gateway)).toBe('');
    },
    { timeoutMs: 20_000 },
  );
}

/** The host serves what its live file says, with every file of that release; nothing is half done, and a deploy works. */
async function expectWholeAndUsable(): Promise<void> {
  await eventually(
    async () => {
      expect(await leftovers(gateway)).toBe('');
      expect((await gateway.processes(/dcvops/)).map(({ args }) => args)).toEqual([]);
    },
    { timeoutMs: 20_000 },
  );
  const live = await liveRelease(gateway);
  await eventually(async () => {
    expect(await servedRelease(lab)).toBe(live);
  });
  const { listed, there } = await filesOfRelease(gateway);
  expect(there).toBe(listed);
  const next = await lab.dcvops(deployChange());
  expect(next.code, next.stderr).toBe(0);
  expect(await servedRelease(lab)).toBe(await liveRelease(gateway));
  expect(await liveRelease(gateway)).not.toBe(before);
}

describe('a candidate that nginx refuses', () => {
  it('never touches the live tree, and nginx’s own message is shown', async () => {
    await gateway.write(
      '/etc/nginx/conf.d/zz-other.conf',
      'server { listen 81; ssl_certificate /nowhere; }\n',
      '644',
    );
    const tree = await gateway.sh('find /etc/nginx -type f -exec sha256sum {} +');
    const run = await lab.dcvops(deployChange());
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/nginx refuses the configuration\. Nothing changed\.\n.*\/nowhere/);
    expect(await gateway.sh('find /etc/nginx -type f -exec sha256sum {} +')).toBe(tree);
    await gateway.sh('rm /etc/nginx/conf.d/zz-other.conf');
    await expectWholeAndUsable();
  });
});

describe('a port that somebody else holds', () => {
  it('is found though the reload "succeeds": undone, exit 3, the holder named', async () => {
    const elsewhere = await inventoryVariant(lab, 'elsewhere', (text) =>
      text.replace('listen: 8443', 'listen: 9443'),
    );
    await gateway.sh(
      "systemd-run --quiet --unit port-holder perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalPort => 9443, Listen => 5) or die; sleep 600'",
    );
    try {
      await eventually(
        async () => (await gateway.attempt('ss -Hltn sport = :9443 | grep -q 9443')).code === 0,
      );
      const run = await lab.dcvops(['deploy', '-i', elsewhere, '--yes']);
      expect(run.code).toBe(3);
      expect(run.stderr).toMatch(/undone\./);
      expect(run.stderr).toMatch(/port 9443 is held by perl \(pid \d+\)/);
      expect(await liveRelease(gateway)).toBe(before);
    } finally {
      await gateway.sh('systemctl stop port-holder');
    }
    await expectWholeAndUsable();
  });
});

describe('dcvops killed with SIGKILL', () => {
  it.each(STEPS)('at "%s": the host finishes or undoes by itself', async (step) => {
    const run = lab.startDcvops(deployChange('--json'));
    await run.waitFor(`"step":"${step}","state":"started"`);
    run.kill('SIGKILL');
    await run.ended;
    await expectWholeAndUsable();
  });
});

describe('a network that goes silent', () => {
  /** Begun first: it needs half a minute to give its connection up, in which the others use new ones. */
  let silenced: RunningProgram;
  let loseNothing: () => Promise<void>;

  beforeAll(async () => {
    await takeTurns();
    silenced = lab.startDcvops(deployChange());
    await silenced.waitFor('Swapping in');
    await gateway.disconnect();
    loseNothing = await gateway.loseConnections();
    await gateway.reconnect();
    await expectNothingHalfDone();
  });

  it.each(STEPS)('at "%s": the host undoes when no word comes', async (step) => {
    // this late, the operator's word is under way and a slow machine is to have its time for it
    const confirm = step === 'commit' ? [] : ['--confirm-within', CONFIRM_IN_VAIN];
    const run = lab.startDcvops(deployChange('--json', '--connect-timeout', '3', ...confirm));
    await run.waitFor(`"step":"${step}","state":"started"`);
    await gateway.disconnect();
    // nothing can arrive any more; the host is on its own
    await expectNothingHalfDone();
    run.kill('SIGKILL');
    await gateway.reconnect();
    await expectWholeAndUsable();
  });

  it('ends by itself on the operator’s side, too, and says what the host does', async () => {
    const { code, stderr } = await silenced.ended;
    await loseNothing();
    expect(code).toBe(4);
    expect(stderr).toMatch(/the host undoes the change by itself, within 4 s/);
    await expectWholeAndUsable();
  });
});

describe('a host without room', () => {
  it.each([
    ['/var/lib/dcvops', 'where releases are kept'],
    ['/etc/nginx/conf.d', 'where the configuration is'],
  ])('%s full (%s): nothing is changed, and it says so', async (directory) => {
    await gateway.sh(
      `cp -a ${directory} /root/kept && mount -t tmpfs -o size=256k tmpfs ${directory} && cp -a /root/kept/. ${directory}/ && dd if=/dev/zero of=${directory}/filler bs=1k 2>/dev/null || true`,
    );
    try {
      const run = await lab.dcvops(deployChange());
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(/No space left on device.*Nothing changed/s);
      expect(run.stderr).toContain('df -h');
      expect(await servedRelease(lab)).toBe(before);
    } finally {
      await gateway.sh(`umount ${directory}; rm -rf /root/kept`);
    }
    await expectWholeAndUsable();
  });

  it('a read-only /etc: nothing is changed, and it says so', async () => {
    await gateway.sh('mount --bind /etc /etc && mount -o remount,ro,bind /etc');
    try {
      const run = await lab.dcvops(deployChange());
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(/Read-only file system.*Nothing changed/s);
    } finally {
      await gateway.sh('umount /etc');
    }
    await expectWholeAndUsable();
  });
});

describe('a power cut between swap and commit', () => {
  it('is undone by the next command, which says so', async () => {
    const run = lab.startDcvops(deployChange('--json'));
    await run.waitFor('"step":"verify","state":"started"');
    run.kill('SIGSTOP');
    expect(await liveRelease(gateway)).not.toBe(before);
    await gateway.powerOff();
    run.kill('SIGKILL');
    await gateway.powerOn();

    const next = await lab.dcvops(deployUnchanged());
    expect(next.stderr).toMatch(
      /the change to [0-9a-f]{12} by \S+ was neither kept nor undone .*; it is undone now/,
    );
    expect(next.code, next.stderr).toBe(0);
    expect(await liveRelease(gateway)).toBe(before);
    await expectWholeAndUsable();
  });
});

describe('a reboot between swap and commit', () => {
  it('undoes the change on the way down', async () => {
    const run = lab.startDcvops(deployChange('--json', '--confirm-within', '60'));
    await run.waitFor('"step":"verify","state":"started"');
    run.kill('SIGSTOP');
    await gateway.reboot();
    run.kill('SIGKILL');
    expect(await liveRelease(gateway)).toBe(before);
    await expectWholeAndUsable();
  });
});

describe('two deploys at once', () => {
  it('never both: the second waits, names the holder, and then works on what is there', async () => {
    const first = lab.startDcvops(deployChange('--json', '--confirm-within', '20'));
    await first.waitFor('"step":"verify","state":"started"');
    first.kill('SIGSTOP');
    const third = await inventoryAllowing(lab, '198.51.100.0/24', 'third');
    const second = lab.startDcvops(['deploy', '-i', third, '--yes']);
    await second.waitFor(/waiting for another deploy: \S+@\S+, since/);
    first.kill('SIGCONT');
    expect((await first.ended).code).toBe(0);
    expect((await second.ended).code).toBe(0);
    expect(await servedRelease(lab)).toBe(await liveRelease(gateway));
    await expectWholeAndUsable();
  });

  it('a second one that may not wait says who holds it', async () => {
    const first = lab.startDcvops(deployChange('--json', '--confirm-within', '20'));
    await first.waitFor('"step":"verify","state":"started"');
    first.kill('SIGSTOP');
    const second = await lab.dcvops(deployUnchanged('--lock-wait', '0'));
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/another deploy is at work: \S+@\S+, since .*Nothing changed/);
    first.kill('SIGCONT');
    expect((await first.ended).code).toBe(0);
  });
});

describe('Ctrl-C', () => {
  it('undoes a change that is under way, exits with 130, and says so', async () => {
    // The look from outside takes its time when the port is closed from here.
    await gateway.closePort(8443);
    const run = lab.startDcvops(deployChange('--json'));
    await run.waitFor('"step":"verify","state":"started"');
    run.kill('SIGINT');
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    expect(eventsOf(stdout).at(-1)).toMatchObject({
      outcome: 'interrupted',
      message: expect.stringContaining('undone') as string,
    });
    await gateway.openPorts();
    expect(await liveRelease(gateway)).toBe(before);
    await expectWholeAndUsable();
  });
});

describe('a gateway that is out of reach from here, but fine', () => {
  it('keeps the release, says so and what to open', async () => {
    await gateway.closePort(8443);
    const run = await lab.dcvops(deployChange());
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/:8443 unreachable from here, fine on the host \(release [0-9a-f]{12} kept\)/);
    expect(run.stderr).toContain('Next: open TCP 8443 for your network, then dcvops check');
    await gateway.openPorts();
    expect(await servedRelease(lab)).not.toBe(before);
  });
});

describe('a host that cannot be entered', () => {
  it('key refused: named, exit 4, nothing changed', async () => {
    const other = path.join(lab.directory, 'other.pem');
    await lab.operator.sh(`[ -e ${other} ] || ssh-keygen -q -t ed25519 -N '' -f ${other}`);
    await chmod(other, 0o600);
    const file = await inventoryVariant(lab, 'other-key', (text) =>
      text.replace('key: tom.pem', 'key: other.pem'),
    );
    const state = await everythingTouchable(gateway);
    const run = await lab.dcvops(['deploy', '-i', file]);
    expect(run.code).toBe(4);
    expect(run.stderr).toMatch(
      /gateway: login at 10\.213\.66\.188:50000 refused for ec2-user with .*other\.pem/,
    );
    expect(await everythingTouchable(gateway)).toBe(state);
  });

  it('host key changed: refused under every setting, exit 4', async () => {
    const kept = await readFile(lab.knownHosts, 'utf8');
    await lab.operator.sh(`rm -f ${lab.home}/k && ssh-keygen -q -t ed25519 -N '' -f ${lab.home}/k`);
    const [type = '', blob = ''] = (await readFile(path.join(lab.home, 'k.pub'), 'utf8')).split(' ');
    await writeFile(lab.knownHosts, `[10.213.66.188]:50000 ${type} ${blob}\n`);
    try {
      const run = await lab.dcvops(['deploy']);
      expect(run.code).toBe(4);
      expect(run.stderr).toMatch(/host key .*changed|changed.*host key/is);
    } finally {
      await writeFile(lab.knownHosts, kept);
    }
  });

  it('host down: says how long it waited, exit 4', async () => {
    await gateway.disconnect();
    const run = await lab.dcvops(['deploy', '--connect-timeout', '2']);
    expect(run.code).toBe(4);
    expect(run.stderr).toMatch(/gateway: .*no answer|no answer.*2 s/s);
  });

  it('sshd that hangs after accepting: bounded by the connect time-out, exit 4', async () => {
    const pids = (await gateway.processes(/sshd: \/usr\/sbin\/sshd/)).map(({ pid }) => pid);
    await gateway.sh(`kill -STOP ${pids.join(' ')}`);
    try {
      const run = await lab.dcvops(['deploy', '--connect-timeout', '2']);
      expect(run.code).toBe(4);
      expect(run.stderr).toMatch(/gateway: .*2 s/s);
    } finally {
      await gateway.sh(`kill -CONT ${pids.join(' ')}`);
    }
  });

  it('sudo that needs a password: taken from DCVOPS_SUDO_PASSWORD, a wrong one tried once, none asked for without a terminal', async () => {
    await gateway.sh("echo 'ec2-user:correct horse' | chpasswd");
    const rule = await gateway.sh("grep -rl 'ec2-user.*NOPASSWD' /etc/sudoers.d /etc/sudoers | head -n 1");
    const kept = await gateway.read(rule);
    await gateway.write(rule, kept.replace('NOPASSWD:', ''));
    try {
      const none = await lab.dcvops(deployChange());
      expect(none.code).not.toBe(0);
      expect(none.stderr).toContain('DCVOPS_SUDO_PASSWORD');
      const wrong = await lab.dcvops(deployChange(), { env: { DCVOPS_SUDO_PASSWORD: 'battery staple' } });
      expect(wrong.code).toBe(4);
      expect(wrong.stderr).toMatch(/sudo.*password/is);
      expect(wrong.stderr).not.toContain('battery staple');
      const right = await lab.dcvops(deployChange(), { env: { DCVOPS_SUDO_PASSWORD: 'correct horse' } });
      expect(right.stderr).toMatch(/release [0-9a-f]{12} live/);
      expect(right.code).toBe(0);
    } finally {
      await gateway.write(rule, kept);
      await gateway.sh('passwd -l ec2-user');
    }
  });
});

describe('what is kept on the host', () => {
  it('a live file is never left without its release on the host', async () => {
    const meta = await gateway.sh(`cat /var/lib/dcvops/releases/${before ?? ''}/meta`);
    expect(meta).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S+@\S+$/);
    expect(await gateway.read(`/var/lib/dcvops/releases/${before ?? ''}/dcv-gateway.conf`)).toBe(
      await gateway.read(LIVE),
    );
    expect(await gateway.read('/var/lib/dcvops/audit.log')).toContain(`deployed ${before ?? ''}`);
  });
});
