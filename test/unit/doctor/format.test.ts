import { describe, expect, it } from 'vitest';
import { type Check, agentCheck } from '../../../src/doctor/check.ts';
import { diagnose } from '../../../src/doctor/diagnose.ts';
import type { FactSet } from '../../../src/doctor/facts/fleet.ts';
import { formatDiagnosis } from '../../../src/doctor/format.ts';
import { diagnosisAsJson } from '../../../src/doctor/format-json.ts';
import { catalogueAsMarkdown, troubleshootingAsMarkdown } from '../../../src/doctor/format-catalogue.ts';
import { createStyle } from '../../../src/report/style.ts';
import { healthySet, path, step } from './healthy.ts';

const SERVICE = agentCheck({
  id: 'agent/service-down',
  severity: 'error',
  title: 'dcvserver does not run',
  why: 'Without it there are no desktops.',
  remedy: 'dcvops service start AGENT',
  fix: 'starts it; undo: stops it',
  symptoms: ['service'],
  look: ({ name }) =>
    name === 'agent1'
      ? {
          seen: 'dcvserver is failed (exit-code)',
          evidence: ['Nov 30 12:00:00 dcvserver: \u001b[31mno licence\u001b[0m'],
          remedy: 'dcvops service start agent1',
          fix: {
            kind: 'create-session',
            host: 'agent1',
            sessionId: 'x',
            title: 'start dcvserver',
            undo: 'systemctl stop dcvserver',
          },
        }
      : undefined,
});
const SESSION = agentCheck({
  id: 'agent/session-missing',
  severity: 'error',
  title: 'The session is not there',
  why: 'There is nothing to connect to.',
  remedy: 'dcvops session create AGENT',
  symptoms: ['session'],
  follows: ['agent/service-down'],
  look: ({ name }) =>
    name === 'agent1' ? { seen: 'there is no session', remedy: 'dcvops session create agent1' } : undefined,
});

function text(set: FactSet, catalogue: readonly Check[], all = false): string {
  return formatDiagnosis(set, diagnose(set, catalogue), createStyle(false), { all });
}

describe('the report', () => {
  it('can be pasted into a ticket: what was seen, why it matters, what to type, the ways, a sum', () => {
    const set = healthySet();
    set.paths[0] = path('agent1', {
      route: step({ ok: false, status: 502, detail: '502: the agent refuses the connection' }),
      page: undefined,
      webSocket: undefined,
    });
    expect(text(set, [SESSION, SERVICE])).toBe(
      `dcvops 0.1.0 doctor, 2026-12-01 12:00 UTC, inventory/hosts.yaml: 1 proxy and 2 agents, 2 checks

✖ agent1  dcvserver does not run  agent/service-down
  seen   dcvserver is failed (exit-code)
         | Nov 30 12:00:00 dcvserver: \\x1b[31mno licence\\x1b[0m
  why    Without it there are no desktops.
  next   dcvops service start agent1
  or     dcvops doctor --fix   (start dcvserver)
  1 finding that follows from this is not shown (--all)

THE WAY TO  ASKED      ROUTE  PAGE   WEBSOCKET  FIRST BROKEN
agent1      from here  ✖      -      -          502: the agent refuses the connection
agent2      from here  12 ms  12 ms  12 ms

1 error; 1 more follow from these
`,
    );
  });

  it('shows what follows with --all', () => {
    expect(text(healthySet(), [SESSION, SERVICE], true)).toContain(
      'Follows from the above:\n  agent1  there is no session  agent/session-missing, follows from agent/service-down\n',
    );
  });

  it('says that nothing is wrong', () => {
    expect(text(healthySet(), [])).toContain('✔ nothing is wrong: 0 checks of 1 proxy and 2 agents\n');
  });

  it('names only broken ways in a large fleet', () => {
    const set = healthySet();
    set.paths = Array.from({ length: 30 }, (_, index) => path(`a${index}`));
    expect(text(set, [])).not.toContain('THE WAY TO');
    set.paths[7] = path('a7', { webSocket: step({ ok: false, status: 403, detail: '403 from DCV' }) });
    expect(text(set, []).match(/^a\d+ .*$/gm)).toEqual([
      'a7          from here  12 ms  12 ms  ✖          403 from DCV',
    ]);
  });
});

describe('the JSON document', () => {
  it('has counts, findings with remedies as lines, and what was silenced because of what', () => {
    const set = healthySet();
    expect(diagnosisAsJson(set, diagnose(set, [SESSION, SERVICE]))).toMatchObject({
      errors: 1,
      warnings: 0,
      checks: 2,
      hosts: [{ name: 'gateway', reached: true }, { name: 'agent1' }, { name: 'agent2' }],
      findings: [
        {
          check: 'agent/service-down',
          subject: 'agent1',
          remedy: ['dcvops service start agent1'],
          fix: { title: 'start dcvserver', undo: 'systemctl stop dcvserver' },
          silences: 1,
        },
      ],
      silenced: [
        { check: 'agent/session-missing', because: { check: 'agent/service-down', subject: 'agent1' } },
      ],
    });
  });
});

describe('what the README has of the catalogue', () => {
  it('a table for each family, and troubleshooting by question', () => {
    expect(catalogueAsMarkdown([SERVICE])).toBe(
      '**Agents**\n\n| check | severity | what is wrong | `--fix` |\n| --- | --- | --- | --- |\n' +
        '| `agent/service-down` | error | dcvserver does not run | starts it; undo: stops it |',
    );
    expect(troubleshootingAsMarkdown([SESSION, SERVICE])).toBe(
      '**Is there a session?**\n\n- The session is not there: `dcvops session create AGENT`\n\n' +
        '**Does DCV run?**\n\n- dcvserver does not run: `dcvops service start AGENT`',
    );
  });
});
