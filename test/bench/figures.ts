import path from 'node:path';
import { REPOSITORY } from '../lab/paths.ts';
import type { TestLab } from '../lab/support/lab.ts';
import { type Pairs, type Run, limited, sideBySide } from './measure.ts';
import type { BenchProxy } from './proxy.ts';

/** One row of the table: two things that are measured next to each other. */
export interface Figure {
  readonly id: FigureId;
  readonly what: string;
  readonly against: string;
  /** The ratio that is asked for. */
  readonly atMost: number;
}

export type FigureId = 'version' | 'script' | 'ansible' | 'unchanged' | 'list';

export const FIGURES: Readonly<Record<FigureId, Figure>> = {
  version: { id: 'version', what: 'dcvops --version', against: 'node -e 0', atMost: 1.4 },
  script: {
    id: 'script',
    what: 'deploy of a change, one proxy',
    against: 'shell script: scp and four ssh calls',
    atMost: 0.6,
  },
  ansible: {
    id: 'ansible',
    what: 'deploy of a change, one proxy',
    against: 'ansible-playbook, four tasks, connection open',
    atMost: 0.3,
  },
  unchanged: { id: 'unchanged', what: 'deploy, unchanged', against: 'ssh HOST true', atMost: 2 },
  list: { id: 'list', what: 'session list, 20 agents', against: 'session list, 1 agent', atMost: 4 },
};

/** How many pairs a figure is the median of. */
const PAIRS: Readonly<Record<FigureId, number>> = {
  version: 25,
  script: 11,
  ansible: 5,
  unchanged: 15,
  list: 7,
};

const MAIN = path.join(REPOSITORY, 'dist', 'main.js');

export function measureVersion(): Promise<Pairs> {
  const run =
    (...args: string[]): Run =>
    () =>
      limited([process.execPath, ...args], process.env, '/');
  return sideBySide(run(MAIN, '--version'), run('-e', '0'), PAIRS.version);
}

/** A change each time: dcvops puts the first configuration live, its rival the second. */
export function measureScript(lab: TestLab, proxy: BenchProxy): Promise<Pairs> {
  const { script } = proxy.rivals;
  return sideBySide(
    deploys(lab, proxy.inventories[0]),
    onOperatorSide(lab, script(proxy.configurations[1])),
    PAIRS.script,
  );
}

/**
 * Ansible at its best: facts are not gathered, and since the run before left its connection open (ControlPersist), no
 * login is part of what is measured.
 */
export function measureAnsible(lab: TestLab, proxy: BenchProxy): Promise<Pairs> {
  const { playbook, playbookEnv } = proxy.rivals;
  return sideBySide(
    deploys(lab, proxy.inventories[0]),
    onOperatorSide(lab, playbook(proxy.configurations[1]), playbookEnv),
    PAIRS.ansible,
  );
}

export async function measureUnchanged(lab: TestLab, proxy: BenchProxy): Promise<Pairs> {
  const { code, stderr } = await deploys(lab, proxy.inventories[1])();
  if (code !== 0) throw new Error(`dcvops deploy failed:\n${stderr}`);
  return sideBySide(
    deploys(lab, proxy.inventories[1], 'release [0-9a-f]+ is live; unchanged'),
    onOperatorSide(lab, proxy.rivals.sshTrue),
    PAIRS.unchanged,
  );
}

/** With the same inventory; \`agent1\` picks one of its agents. */
export function measureList(lab: TestLab): Promise<Pairs> {
  return sideBySide(
    onOperatorSide(lab, dcvops('session', 'list')),
    onOperatorSide(lab, dcvops('session', 'list', 'agent1')),
    PAIRS.list,
  );
}

/** One deploy, which has to say what is expected. `--yes`: the two inventories differ in who may connect, which dcvops would ask about. */
export function deploys(lab: TestLab, inventory: string, expected = 'release [0-9a-f]+ live'): Run {
  const run = onOperatorSide(lab, dcvops('deploy', '--yes', '-i', inventory));
  return async () => {
    const result = await run();
    if (result.code === 0 && !new RegExp(expected).test(result.stderr))
      throw new Error(`"${expected}" was expected of a deploy, which said:\n${result.stderr}`);
    return result;
  };
}

function dcvops(...args: string[]): string[] {
  return [process.execPath, MAIN, ...args];
}

function onOperatorSide(
  lab: TestLab,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Run {
  return () => limited(lab.operator.argv(argv), lab.operator.env(env), lab.home);
}
