import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeHealthy, sessionThere } from './support/doctor-faults.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

/* The fleet at a glance on real hosts: what is wrong comes first, and one host never hides the others. */

let lab: TestLab;
let agent1: TestHost;
let agent2: TestHost;

beforeAll(async () => {
  lab = await useLab();
  agent1 = lab.host('agent1');
  agent2 = lab.host('agent2');
  await lab.reset();
  await makeHealthy(lab);
});
beforeEach(async () => {
  await Promise.all([agent1, agent2].map(sessionThere));
});
afterAll(() => lab.reset());

interface Document {
  readonly at: string;
  readonly hosts: readonly {
    readonly name: string;
    readonly level: string;
    readonly problems: readonly { readonly message: string; readonly next: string }[];
  }[];
}

const rowsOf = (stdout: string): string[] => stdout.split('\n').filter((line) => /^[✔✖!]/.test(line));

describe('dcvops status', () => {
  it('shows no problem in a fleet that has none', async () => {
    const run = await lab.dcvops(['status']);
    expect(rowsOf(run.stdout)).toEqual([
      expect.stringMatching(/^✔ {2}gateway +nginx active +[0-9a-f]{12} live +\d+ days +\d+ .* \d+ ms$/),
      expect.stringMatching(/^✔ {2}agent1 +dcvserver active +1 session +0 +[0-9.]+ +\d+ % .* \d+ ms$/),
      expect.stringMatching(/^✔ {2}agent2 +dcvserver active +1 session +0 +[0-9.]+ +\d+ % .* \d+ ms$/),
    ]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });

  it('begins with a stopped dcvserver and the command that starts it', async () => {
    await agent2.sh('systemctl stop dcvserver');
    const run = await lab.dcvops(['status']);
    await agent2.sh('systemctl start dcvserver');
    expect(rowsOf(run.stdout)).toEqual([
      expect.stringMatching(/^✖ {2}agent2 .* dcvserver is stopped +dcvops service start agent2$/),
      expect.stringMatching(/^✔ {2}gateway /),
      expect.stringMatching(/^✔ {2}agent1 /),
    ]);
    expect(run.code).toBe(0);
  });

  it('has a line for a host that is off, and for the others what SSH shows where the gateway is out of reach', async () => {
    await Promise.all([agent1.powerOff(), lab.host('gateway').closePort(8443)]);
    const run = await lab.dcvops(['status', '--json', '--connect-timeout', '2']);
    await Promise.all([agent1.powerOn(), lab.host('gateway').openPorts()]);
    const { hosts } = JSON.parse(run.stdout) as Document;
    expect(hosts).toMatchObject([
      { name: 'agent1', level: 'error' },
      { name: 'gateway', level: 'fine', live: true, way: 'tunnel' },
      { name: 'agent2', level: 'fine', paths: [{ ok: true, way: 'tunnel' }] },
    ]);
    expect(hosts[0]?.problems[0]?.message).toContain('10.150.248.180:22');
    expect(run.code).toBe(4);
  });

  it('tells programs a line a round until Ctrl-C', async () => {
    const program = lab.startDcvops(['status', '--watch', '1', '--json']);
    await program.waitFor('\n');
    await program.waitFor('\n');
    const asked = performance.now();
    program.kill('SIGINT');
    expect((await program.ended).code).toBe(130);
    expect(performance.now() - asked).toBeLessThan(1000);
    const rounds = program.stdout().trimEnd().split('\n');
    for (const round of rounds) {
      const { at, hosts } = JSON.parse(round) as Document;
      expect(Date.parse(at)).not.toBeNaN();
      expect(hosts).toHaveLength(3);
    }
  });

  it('is no failure where nobody reads on', async () => {
    const [program, main] = [process.execPath, `${process.cwd()}/dist/main.js`];
    const run = await lab.operator.sh(
      `{ ${program} ${main} status --watch 1; echo "code $?" >&2; } | head -n 1`,
    );
    expect(run.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}3 hosts: /);
    expect(run.stderr).toBe('code 0\n');
  });

  it('is drawn in place on a terminal, and says what became different', async () => {
    const terminal = lab.dcvopsOnTerminal(['status', '--watch', '1']);
    await terminal.waitFor('agent2');
    await agent2.sh('systemctl stop dcvserver');
    await terminal.waitFor('agent2: dcvserver is stopped');
    await terminal.waitFor('dcvops service start agent2');
    await agent2.sh('systemctl start dcvserver');
    await terminal.waitFor('dcvops session create agent2');
    terminal.write('\x03');
    const { code, stdout } = await terminal.ended;
    expect(code).toBe(130);
    // the cursor goes up over the lines that are drawn anew, and is shown again at the end
    expect(stdout).toMatch(/\x1b\[[0-9]+A/);
    expect(stdout.lastIndexOf('\x1b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\x1b[?25l'));
  });
});
