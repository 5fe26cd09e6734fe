import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/doctor/catalogue.ts';
import type { FactSet } from '../../../src/doctor/facts/fleet.ts';
import { healthySet, hostOf } from '../doctor/healthy.ts';
import { dcvops } from './dcvops.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'dcvops-doctor-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function saved(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

function savedFacts(name: string, change: (set: FactSet) => void = () => undefined): string {
  const set = healthySet();
  change(set);
  return saved(name, JSON.stringify(set));
}

/** An error: the inventory's session is not there. */
const withoutSession = (set: FactSet): void => {
  const { agent } = hostOf(set, 'agent1');
  if (agent !== undefined) Object.assign(agent, { sessions: [], processes: agent.processes.slice(0, 1) });
};

/** A warning: the key can be read by others. */
const withOpenKey = (set: FactSet): void => {
  const [key] = set.operator.keys;
  if (key !== undefined) key.mode = '644';
};

describe('doctor --from', () => {
  it('diagnoses saved facts without a host and without an inventory', async () => {
    const run = await dcvops('doctor', '--from', savedFacts('healthy.json'));
    expect(run.stdout).toContain('✔ nothing is wrong');
    expect(run.code).toBe(0);
  });

  it.each([
    { name: 'an error', change: withoutSession, flags: [], code: 1, seen: 'agent/session-missing' },
    { name: 'a warning', change: withOpenKey, flags: [], code: 0, seen: 'operator/key-mode' },
    {
      name: 'a warning, strictly',
      change: withOpenKey,
      flags: ['--strict'],
      code: 1,
      seen: 'operator/key-mode',
    },
  ])('tells by its exit code: $name', async ({ name, change, flags, code, seen }) => {
    const run = await dcvops('doctor', ...flags, '--from', savedFacts(`${name}.json`, change));
    expect(run.stdout).toContain(seen);
    expect(run.code).toBe(code);
  });

  it('is one document under --json', async () => {
    const run = await dcvops('doctor', '--json', '--from', savedFacts('session.json', withoutSession));
    expect(JSON.parse(run.stdout)).toMatchObject({
      errors: 1,
      findings: [{ check: 'agent/session-missing', subject: 'agent1' }],
    });
    expect(run.code).toBe(1);
  });

  it.each([
    ['nothing.json', undefined, /cannot read .*nothing\.json/],
    ['text.json', 'no JSON', /text\.json is not JSON/],
    ['other.json', '{"a": 1}', /does not hold the facts of dcvops doctor \(at /],
    ['future.json', '{"format": 99}', /holds facts in format 99; this dcvops reads format 1/],
    ['cut.json', JSON.stringify({ ...healthySet(), hosts: [{ name: 'x' }] }), /\(at hosts\.0/],
  ])('says what is wrong with %s', async (name, content, message) => {
    const file = content === undefined ? path.join(folder, name) : saved(name, content);
    const run = await dcvops('doctor', '--from', file);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain('Next: ');
    expect(run.code).toBe(2);
  });
});

describe('doctor --list', () => {
  it('names every check', async () => {
    const run = await dcvops('doctor', '--list');
    expect(CATALOGUE.filter(({ id }) => !run.stdout.includes(id))).toEqual([]);
    expect(run.code).toBe(0);
  });

  it('is data under --json, with causes and remedies', async () => {
    const checks = JSON.parse((await dcvops('doctor', '--list', '--json')).stdout) as unknown[];
    expect(checks).toHaveLength(CATALOGUE.length);
    expect(checks).toContainEqual(
      expect.objectContaining({
        id: 'agent/session-missing',
        follows: expect.arrayContaining(['agent/service-down']) as string[],
      }),
    );
  });
});

describe('doctor refuses what makes no sense', () => {
  it.each([
    [['--list', '--fix'], '--list and --fix do not go together'],
    [['--facts', '--from', 'x'], '--facts and --from do not go together'],
    [['agent1', '--from', 'x'], '--from asks no host, so it takes none'],
    [['--end-sessions'], '--end-sessions is for --fix'],
  ])('%j', async (flags, message) => {
    const run = await dcvops('doctor', ...flags);
    expect(run.stderr).toContain(message);
    expect(run.code).toBe(2);
  });
});
