import { createHash } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundle } from '../bundle.ts';
import { eventually } from './support/eventually.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import type { SshJob, SshJobResult } from './support/ssh-program.ts';

/**
 * Becoming root as fleets have it: without a password, with one, or not at all. A user would lose an account
 * to a lock, a password to a host that never asked for it, or a script's input to sudo's prompt.
 */
describe('sudo on real hosts', () => {
  let lab: TestLab;
  let agent1: TestHost;
  let agent2: TestHost;
  const PASSWORD = 'p\'a$s "w\\ord';

  /** The program as one file: forty starts that compile nothing. */
  let builtProgram: string;

  beforeAll(async () => {
    lab = await useLab();
    builtProgram = path.join(lab.directory, 'ssh-program.mjs');
    await bundle(path.join(import.meta.dirname, 'support/ssh-program.ts'), builtProgram);
    agent1 = lab.host('agent1');
    agent2 = lab.host('agent2');
    for (const host of [agent1, agent2]) {
      await host.sh(
        `for user in asked refused; do
        id $user 2>/dev/null || useradd --create-home --shell /bin/bash $user
        install -d -m 700 -o $user /home/$user/.ssh
        install -m 600 -o $user /home/ec2-user/.ssh/authorized_keys /home/$user/.ssh/authorized_keys
      done
      chpasswd`,
        { input: `asked:${PASSWORD}\nrefused:${PASSWORD}\n` },
      );
    }
  });

  beforeEach(async () => {
    await rules(agent1, '');
    await rules(agent2, '');
  });

  afterAll(async () => {
    for (const host of [agent1, agent2]) {
      await host.sh(
        'rm -f /etc/sudoers.d/10-test /usr/local/bin/sudo; for user in asked refused; do userdel -rf $user 2>&1; done; true',
      );
    }
  });

  /** sudoers for the user `asked`: may do everything, with its password, and what else a test wants. */
  async function rules(host: TestHost, more: string): Promise<void> {
    await host.sh(
      'cat > /etc/sudoers.d/10-test; chmod 440 /etc/sudoers.d/10-test; visudo -cq; rm -f /usr/local/bin/sudo',
      {
        input: `asked ALL=(ALL) ALL\n${more}\n`,
      },
    );
  }

  async function asRoot(job: Partial<SshJob> & { users?: readonly string[] }): Promise<SshJobResult> {
    const { users = ['asked'], ...rest } = job;
    const full: SshJob = {
      hosts: users.map((user, index) => {
        const host = index === 0 ? agent1 : agent2;
        return { name: host.name, address: host.address, user };
      }),
      key: lab.key,
      knownHosts: lab.knownHosts,
      scripts: ['id -u'],
      how: 'run',
      ...rest,
    };
    const { code, stdout, stderr } = await program(full).ended;
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as SshJobResult;
  }

  function program(job: SshJob) {
    const running = lab.operator.start([process.execPath, builtProgram]);
    running.write(JSON.stringify(job));
    running.endInput();
    return running;
  }

  /** Passwords that PAM refused on a host since a time. */
  async function failures(host: TestHost, since: string): Promise<number> {
    const log = await host.sh(`journalctl --sync; journalctl -q -o cat --since '${since}' _COMM=sudo`);
    return log.split('\n').filter((line) => line.includes('pam_unix(sudo:auth): authentication failure'))
      .length;
  }
  const now = (host: TestHost): Promise<string> => host.sh("date '+%F %T.%6N'");

  const root = (host: string) => ({ host, code: 0, stdout: '0\n', stderr: '' });

  describe.each(['run', 'converse'] as const)('%s', (how) => {
    it('asks nothing where sudo asks nothing', async () => {
      expect(await asRoot({ how, users: ['ec2-user', 'ec2-user'] })).toEqual({
        results: [root('agent1'), root('agent2')],
        asked: [],
      });
    });

    it('asks once for all hosts and all scripts', async () => {
      const { results, asked } = await asRoot({
        how,
        users: ['asked', 'asked'],
        password: PASSWORD,
        scripts: ['id -u', 'id -u'],
      });
      expect(results).toEqual([root('agent1'), root('agent1'), root('agent2'), root('agent2')]);
      expect(asked).toHaveLength(1);
    });

    it.each([
      ['as Debian has it', ''],
      ['without use_pty', 'Defaults !use_pty'],
      ['with a lecture', 'Defaults lecture=always'],
      ['with a password that sudo remembers', 'Defaults timestamp_type=global'],
      [
        'with a prompt that the host insists on',
        'Defaults passprompt_override, passprompt="Kennwort/Password: "',
      ],
    ])('gives the script its input whole and nothing of the password: %s', async (_, more) => {
      await rules(agent1, more);
      const stdin = 'line\n'.repeat(40_000);
      const { results } = await asRoot({
        how,
        password: PASSWORD,
        scripts: ['wc -c; echo err >&2; exit 3', 'sha256sum'],
        stdin,
      });
      expect(results).toEqual([
        { host: 'agent1', code: 3, stdout: '200000\n', stderr: 'err\n' },
        {
          host: 'agent1',
          code: 0,
          stdout: `${createHash('sha256').update(stdin).digest('hex')}  -\n`,
          stderr: '',
        },
      ]);
    });

    it.each([
      ['', 'asked'],
      ['Defaults badpass_message="Nope."', 'asked'],
    ])('tries a wrong password once, on one host, and on no other (%s)', async (more) => {
      await rules(agent1, more);
      const since = [await now(agent1), await now(agent2)] as const;
      const { results, asked } = await asRoot({
        how,
        users: ['asked', 'asked'],
        password: 'wrong',
        scripts: ['id -u', 'id -u'],
      });
      expect(asked).toHaveLength(1);
      expect(results).toHaveLength(4);
      for (const result of results) expect(result).toMatchObject({ error: 'sudo' });
      expect(
        results.filter(
          (result) =>
            'message' in result && result.message === 'sudo refuses the password of asked; it was tried once',
        ),
      ).toHaveLength(1);
      expect((await failures(agent1, since[0])) + (await failures(agent2, since[1]))).toBe(1);
    });
  });

  it.each([true, false])(
    'sends the password to no host that does not ask for it (one by one: %s)',
    async (oneByOne) => {
      await rules(agent2, 'asked ALL=(ALL) NOPASSWD: ALL');
      await agent2.write(
        '/usr/local/bin/sudo',
        `#!/bin/sh
exec 3<&0; fifo=$(mktemp -u); mkfifo "$fifo"
tee -a /tmp/sudo-stdin <&3 >"$fifo" & tee=$!
/usr/bin/sudo "$@" <"$fifo"; code=$?
kill "$tee" 2>/dev/null; rm "$fifo"; exit "$code"
`,
        '755',
      );
      await agent2.sh('rm -f /tmp/sudo-stdin');
      const { results } = await asRoot({
        users: ['asked', 'asked'],
        password: PASSWORD,
        scripts: ['id -u', 'id -u; cat'],
        stdin: 'input',
        oneByOne,
      });
      expect(results).toEqual([
        root('agent1'),
        { ...root('agent1'), stdout: '0\ninput' },
        root('agent2'),
        { ...root('agent2'), stdout: '0\ninput' },
      ]);
      const given = await agent2.read('/tmp/sudo-stdin');
      expect(given).toContain('input');
      expect(given).not.toContain(PASSWORD);
      await agent2.sh('rm -f /tmp/sudo-stdin');
    },
  );

  it.each([
    [
      'is not in sudoers',
      'refused',
      '',
      /^sudo does not let refused run sh as root \(".*not in the sudoers file.*"\)$/,
      /NOPASSWD: \/usr\/bin\/sh/,
    ],
    [
      'may run other things only',
      'asked',
      'asked ALL=(ALL) NOPASSWD: /usr/bin/true\nasked ALL=(ALL) !/usr/bin/sh, !/bin/sh, !/usr/bin/dash',
      /^sudo does not let asked run sh as root/,
      /NOPASSWD/,
    ],
    [
      'needs a terminal',
      'asked',
      'Defaults:asked requiretty',
      /^sudo wants a terminal \(requiretty\)/,
      /!requiretty/,
    ],
  ])('says it when the user %s', async (_, user, more, message, hint) => {
    await rules(agent1, more);
    const { results } = await asRoot({ users: [user], password: PASSWORD });
    expect(results).toEqual([
      {
        host: 'agent1',
        error: 'sudo',
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      },
    ]);
  });

  it('is content with the one rule that it names', async () => {
    await agent1.sh('cat > /etc/sudoers.d/10-test', { input: 'refused ALL=(root) NOPASSWD: /usr/bin/sh\n' });
    expect((await asRoot({ users: ['refused'] })).results).toEqual([root('agent1')]);
    expect((await asRoot({ users: ['refused'], how: 'converse' })).results).toEqual([root('agent1')]);
  });

  it('says it when there is no sudo', async () => {
    await agent1.sh('mv /usr/bin/sudo /usr/bin/sudo.away');
    const { results } = await asRoot({ users: ['asked'] }).finally(() =>
      agent1.sh('mv /usr/bin/sudo.away /usr/bin/sudo'),
    );
    expect(results).toEqual([
      {
        host: 'agent1',
        error: 'sudo',
        message: 'there is no sudo on the host for asked to become root with',
        hint: 'log in as root: ssh: { user: root }',
      },
    ]);
  });

  it.each([
    ['without a password, as Debian has it', 'ec2-user', ''],
    ['without a password, without use_pty', 'ec2-user', 'Defaults !use_pty'],
    ['with a password', 'asked', ''],
  ])('ends root’s script on the host when dcvops is killed: %s', async (_, user, more) => {
    await rules(agent1, more);
    const job: SshJob = {
      hosts: [{ name: 'agent1', address: agent1.address, user }],
      ...{ key: lab.key, knownHosts: lab.knownHosts, password: PASSWORD, how: 'run' },
      scripts: ['sleep 7777 & sleep 7778'],
    };
    const running = program(job);
    await eventually(async () => {
      expect(await agent1.processes(/^sleep 777[78]/)).toHaveLength(2);
    });
    running.kill('SIGKILL');
    await eventually(async () => {
      expect(await agent1.processes(/sleep 777|dcvops-[0-9a-f]{16}/)).toEqual([]);
    });
  });

  it('says it when the cable is pulled under a running script', async () => {
    const job: SshJob = {
      hosts: [{ name: 'agent1', address: agent1.address, user: 'ec2-user' }],
      ...{ key: lab.key, knownHosts: lab.knownHosts, how: 'run', keepaliveMs: 500 },
      scripts: ['sleep 7779'],
    };
    const running = program(job);
    await eventually(async () => {
      expect(await agent1.processes(/^sleep 7779/)).toHaveLength(1);
    });
    await agent1.disconnect();
    const { stdout } = await running.ended;
    await agent1.reconnect();
    expect((JSON.parse(stdout) as SshJobResult).results).toEqual([
      expect.objectContaining({
        error: 'unreachable',
        message: expect.stringMatching(/no sign of life from the host for 1\.5 s$/) as string,
      }),
    ]);
    for (const { pid } of await agent1.processes(/^sleep 7779/)) await agent1.attempt(`kill ${pid}`);
  });

  it('asks on the terminal, and shows nothing of what is typed', async () => {
    const inventory = (await lab.operator.sh(`cat ${lab.inventory}`)).stdout.replaceAll(
      'user: ec2-user, key',
      'user: asked, key',
    );
    const file = path.join(lab.directory, 'asked.yaml');
    await lab.operator.sh(`cat > ${file}`, { input: inventory });
    const terminal = lab.dcvopsOnTerminal(
      ['--no-color', 'exec', '--sudo', 'agent1', 'agent2', '--', 'id', '-u'],
      {
        env: { DCVOPS_INVENTORY: file },
      },
    );
    await terminal.waitFor(/sudo password on agent[12]/);
    terminal.write(`${PASSWORD}\r`);
    const { code } = await terminal.ended;
    expect(terminal.output()).toMatch(/agent1 {2}0/);
    expect(terminal.output()).toMatch(/agent2 {2}0/);
    expect(terminal.output()).not.toContain(PASSWORD);
    expect(code).toBe(0);
  });
});
