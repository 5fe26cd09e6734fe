import { execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../bundle.ts';
import { type Sshd, type Workshop, USER, createWorkshop, freePort, knownLine, startSshd } from './sshd.ts';

/** The commands as they are typed, in a process of their own. */
describe('dcvops exec, ssh and trust', () => {
  let workshop: Workshop;
  let gateway: Sshd;
  let agent: Sshd;
  let inventory: string;
  /** The program as one file: two dozen starts that compile nothing. */
  let program: string;

  beforeAll(async () => {
    workshop = createWorkshop();
    program = workshop.path('dcvops.mjs');
    await bundle(path.join(import.meta.dirname, '../../../src/main.ts'), program);
    gateway = await startSshd(workshop);
    agent = await startSshd(workshop);
    const known = workshop.write('known hosts 100%', knownLine(gateway) + knownLine(agent));
    const dead = await freePort();
    inventory = workshop.write(
      'hosts.yaml',
      `defaults:
  ssh: { user: ${USER}, key: ${workshop.path('user_key')}, known_hosts: "${known}" }
proxies:
  - { name: gateway, host: 127.0.0.1, ssh: { port: ${gateway.port} } }
  - { name: agent1, host: 127.0.0.1, ssh: { port: ${agent.port}, jump: gateway } }
  - { name: agent2, host: 127.0.0.2, tags: [down], ssh: { port: ${dead} } }
gateway: # no agent may be on loopback; to SSH a proxy is as good
  tls: self-signed
  agent_networks: [10.150.248.0/24]
  access: { allow: any }
sessions:
  defaults: { type: virtual, user: ec2-user, owner: ec2-user, id: desktop }
`,
    );
  });

  afterAll(async () => {
    await gateway.stop();
    await agent.stop();
    workshop.remove();
  });

  interface Ended {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }

  function dcvops(argv: readonly string[], stdin = '', env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [program, '--no-color', '--inventory', inventory, ...argv],
        { env: { ...process.env, SSH_AUTH_SOCK: '', DCVOPS_SSH_CONFIG: 'none', ...env } },
        (error, stdout, stderr) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
        },
      );
      child.stdin?.end(stdin);
    });
  }

  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

  describe('exec', () => {
    it('prints whole lines, each with its host, stdout and stderr where they belong', async () => {
      const { code, stdout, stderr } = await dcvops([
        'exec',
        'gateway',
        'agent1',
        '--',
        'sh',
        '-c',
        'echo "to $0"; echo err >&2',
        "it's",
      ]);
      expect(lines(stdout).sort()).toEqual(["agent1  to it's", "gateway  to it's"]);
      expect(lines(stderr).sort()).toEqual(
        ['agent1  err', 'gateway  err', '✔ agent1  exit code 0', '✔ gateway  exit code 0'].sort(),
      );
      expect(code).toBe(0);
    });

    it('keeps each word one word: no shell of the host reads them', async () => {
      const { stdout } = await dcvops(['exec', 'gateway', '--', 'printf', '%s\\n', '$(id)', 'a  b', '*', '']);
      expect(stdout).toBe('gateway  $(id)\ngateway  a  b\ngateway  *\ngateway  \n');
    });

    it('fails with a host whose command fails, and with one that is not there, after all have ended', async () => {
      const { code, stdout, stderr } = await dcvops([
        'exec',
        'gateway',
        'agent*',
        '--',
        'sh',
        '-c',
        'echo here; exit 7',
      ]);
      expect(lines(stdout).sort()).toEqual(['agent1  here', 'gateway  here']);
      expect(stderr).toContain('✖ gateway: exit code 7');
      expect(stderr).toContain('✖ agent2: 127.0.0.2:');
      expect(code).toBe(1);
      expect((await dcvops(['exec', '@down', '--', 'true'])).code).toBe(4);
    });

    it('speaks JSON, one document a line', async () => {
      const { stdout } = await dcvops([
        '--json',
        'exec',
        'gateway',
        '--',
        'sh',
        '-c',
        'printf half; echo err >&2; exit 3',
      ]);
      const events = lines(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(events).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ type: 'output', host: 'gateway', stream: 'stdout', line: 'half' }),
          expect.objectContaining({ type: 'output', host: 'gateway', stream: 'stderr', line: 'err' }),
        ]),
      );
      expect(events.at(-1)).toMatchObject({ type: 'outcome', outcome: 'failed', message: 'exit code 3' });
    });

    it('gives its stdin to every host when it is told to', async () => {
      const { stdout } = await dcvops(
        ['exec', '--stdin', 'gateway', 'agent1', '--', 'wc', '-c'],
        'x'.repeat(100_000),
      );
      expect(lines(stdout).sort()).toEqual(['agent1  100000', 'gateway  100000']);
    });

    it('runs in the host’s own locale, not in the one of scripts, which turns umlauts into question marks', async () => {
      const { stdout } = await dcvops(['exec', 'gateway', '--', 'sh', '-c', 'echo "${LC_ALL-unset}"']);
      expect(stdout).toBe('gateway  unset\n');
    });

    it('shows what a host prints without letting it touch the terminal', async () => {
      const { stdout } = await dcvops(['exec', 'gateway', '--', 'printf', '\\033[2J\\033]0;owned\\007\\n']);
      expect(stdout).toBe('gateway  \\x1b[2J\\x1b]0;owned\\x07\n');
    });

    it('wants a command', async () => {
      expect(await dcvops(['exec', 'gateway'])).toMatchObject({
        code: 2,
        stderr: '✖ there is no command to run\n  Next: dcvops exec gateway -- CMD\n',
      });
    });
  });

  describe('ssh', () => {
    it('runs a command through the jump host, words kept, and passes its exit code', async () => {
      const { code, stdout, stderr } = await dcvops([
        'ssh',
        'agent1',
        '--',
        'sh',
        '-c',
        'echo "$SSH_CONNECTION" "$0"; exit 42',
        'a  $b',
      ]);
      expect(stderr).toBe('');
      expect(stdout.trim()).toMatch(new RegExp(` ${agent.port} a {2}\\$b$`));
      expect(code).toBe(42);
    });

    it('is a login with the terminal’s input', async () => {
      const { stdout, code } = await dcvops(['ssh', 'gateway'], 'echo in $((40 + 2)); exit 5\n');
      expect(stdout).toContain('in 42');
      expect(code).toBe(5);
    });

    it('lets ssh say why it does not connect', async () => {
      const { code, stderr } = await dcvops(['ssh', 'agent2']);
      expect(stderr).toContain('Connection refused');
      expect(code).toBe(255);
      expect((await dcvops(['ssh', 'agent2', '-v'])).stderr).toContain('debug1: ');
    });

    it('says that there is no ssh program', async () => {
      expect(await dcvops(['ssh', 'gateway'], '', { PATH: '/nowhere' })).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('✖ there is no ssh program on this machine\n  Next: ') as string,
      });
    });

    it('goes to one host', async () => {
      const { code, stderr } = await dcvops(['ssh', 'agent*']);
      expect(stderr).toBe('✖ "agent*" means several hosts: agent1, agent2\n  Next: dcvops ssh agent1\n');
      expect(code).toBe(2);
    });
  });

  describe('trust', () => {
    it('cannot be answered by --yes, and names what can answer it', async () => {
      writeFileSync(
        workshop.path('fresh.yaml'),
        workshop.read('hosts.yaml').replaceAll('known hosts 100%', 'fresh'),
      );
      const argv = ['--inventory', workshop.path('fresh.yaml'), '--yes', 'trust', 'gateway'];
      const { code, stdout, stderr } = await dcvops(argv);
      expect(code).toBe(2);
      expect(stderr).toContain('answer it with --fingerprint SHA256:…');
      const fingerprint = /SHA256:\S+/.exec(stdout)?.[0] ?? '';
      expect(workshop.exists('fresh')).toBe(false);

      const given = await dcvops([...argv, '--fingerprint', fingerprint]);
      expect(given.stderr).toBe('✔ gateway  trusted\n');
      expect(workshop.read('fresh')).toBe(knownLine(gateway).replace(/ *\n$/, '\n'));
    });

    it('asks on a terminal', async () => {
      const yaml = workshop.path('asked.yaml');
      writeFileSync(yaml, workshop.read('hosts.yaml').replaceAll('known hosts 100%', 'asked'));
      const { output, code } = await onTerminal(
        ['--inventory', yaml, 'trust', 'gateway'],
        [[/Trust the key of gateway\?/, 'y\r']],
      );
      expect(output).toMatch(/HOST +ADDRESS +TYPE +FINGERPRINT/);
      expect(code).toBe(0);
      expect(workshop.exists('asked')).toBe(true);
    });
  });

  /** Runs dcvops on a pseudo-terminal made by script(1), and answers what it asks. */
  function onTerminal(
    argv: readonly string[],
    answers: readonly (readonly [RegExp, string])[],
  ): Promise<{ output: string; code: number | null }> {
    const command = [process.execPath, program, '--no-color', ...argv].map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, DCVOPS_SSH_CONFIG: 'none', TERM: 'xterm' },
    });
    let output = '';
    const open = [...answers];
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      const [next] = open;
      if (next?.[0].test(output) !== true) return;
      open.shift();
      child.stdin.write(next[1]);
    });
    return new Promise((resolve) =>
      child.on('close', (code) => {
        resolve({ output, code });
      }),
    );
  }
});
