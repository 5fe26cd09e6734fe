import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGENT } from '../../../../src/doctor/collect/agent.ts';
import { LEFTOVERS } from '../../../../src/doctor/collect/leftovers.ts';
import { PROXY } from '../../../../src/doctor/collect/proxy.ts';
import { SYSTEM } from '../../../../src/doctor/collect/system.ts';
import { agentFacts } from '../../../../src/doctor/facts/agent.ts';
import { systemFacts } from '../../../../src/doctor/facts/system.ts';
import { COMMANDS } from '../../../../src/doctor/parse/hung.ts';
import { factsOfRecords } from './told.ts';

const SCRIPT = `${SYSTEM.toString()}\n${AGENT.toString()}`;
const RECORDS = [
  ...new Set([...SCRIPT.matchAll(/\b(?:probe|tell) ([a-z][a-z-]*)/g)].map(([, name]) => name ?? '')),
];

const CLOCK = '1796040000.5 +0000';

describe('a host that tells little', () => {
  it('is read as a host without DCV, systemd and tools, for a doctor that fails helps nobody', () => {
    const { system, agent, hung } = factsOfRecords({});
    expect(system).toMatchObject({
      hostname: '',
      packages: undefined,
      units: undefined,
      listeners: undefined,
      disks: [],
      cpus: 1,
      clock: { offset: 0, synchronised: undefined },
    });
    expect(agent).toMatchObject({ dcv: undefined, sessions: undefined, silence: undefined, accounts: [] });
    expect(hung).toEqual([]);
  });

  it.each([
    ['System has not been booted with systemd as init system (PID 1). Cannot operate.', 1],
    ['timeout: failed to run command ‘systemctl’: No such file or directory', 127],
    ['', 124],
  ])('knows no units from %j', (output, code) => {
    expect(factsOfRecords({ units: [output, code] }).system.units).toBeUndefined();
  });

  it.each([
    ['error: can not open Packages database', 255],
    ['timeout: failed to run command ‘rpm’: No such file or directory', 127],
    ['', 124],
  ])('knows no packages from %j: none would mean that DCV is missing', (output, code) => {
    expect(factsOfRecords({ packages: [output, code] }).system.packages).toBeUndefined();
  });

  it('never throws, and gives facts that can be saved and read again, whatever the host says', () => {
    const output = fc.oneof(
      fc.string(),
      fc.string({
        unit: fc.constantFrom('0', '9', ':', '/', '[', ']', '"', "'", '=', '-', ' ', '\t', '\n', 'a', '('),
      }),
    );
    const told = fc.dictionary(
      fc.constantFrom(...RECORDS, 'clock'),
      fc.tuple(output, fc.constantFrom(0, 1, 124, 127)),
      { maxKeys: RECORDS.length },
    );
    fc.assert(
      fc.property(told, (records) => {
        const { system, agent } = factsOfRecords(records);
        expect(systemFacts.safeParse(JSON.parse(JSON.stringify(system))).success).toBe(true);
        expect(agentFacts.safeParse(JSON.parse(JSON.stringify(agent))).success).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what dcv says', () => {
  it.each([
    ['Amazon DCV 2024.0 (r19030)', '2024.0', 19_030],
    ['NICE DCV 2019.1 (r7644)\nCopyright', '2019.1', 7644],
    ['Amazon DCV 2025.0', '2025.0', undefined],
    ['something else', undefined, undefined],
  ])('takes %j for %s', (output, release, build) => {
    expect(factsOfRecords({ version: output }).agent.dcv).toMatchObject({ release, build });
  });

  it.each([
    ['a list that is none', 'Segmentation fault', 0, /did not print a list of sessions/],
    ['its own words', 'Could not get the system bus: refused', 1, /system bus/],
    ['that it hangs', '', 124, /did not answer in 20 s/],
    ['that it had to be killed', '', 137, /did not answer in 20 s/],
  ])('tells why there is no list: %s', (_, output, code, silence) => {
    expect(factsOfRecords({ sessions: [output, code] }).agent).toMatchObject({
      sessions: undefined,
      silence: expect.stringMatching(silence) as string,
    });
  });

  it('keeps no secrets of a verifier’s address', () => {
    const url = 'https://admin:hunter2@broker:8445/validate?key=abc123';
    const { conf, verifier } = factsOfRecords({
      conf: `[security]\nauth-token-verifier="${url}"`,
      verifier: ['', 124],
    }).agent;
    expect(JSON.stringify({ conf, verifier })).not.toMatch(/hunter2|abc123/);
    expect(verifier).toMatchObject({ reachable: false, reason: 'no answer in 4 s' });
  });
});

describe('conda in a profile breaks D-Bus, and the desktop with it', () => {
  it.each([
    ['export PATH="/opt/anaconda3/bin:$PATH"', true],
    ['PATH=/home/jane/miniconda3/bin:${PATH}', true],
    [`__conda_setup="$('/home/jane/miniforge3/bin/conda' 'shell.zsh' 'hook' 2> /dev/null)"`, true],
    ['eval "$(/home/jane/anaconda3/bin/conda shell.bash hook)"', true],
    ['export PATH=$PATH:/opt/anaconda3/bin', false],
    ['# export PATH="/opt/anaconda3/bin:$PATH"', false],
    ['export PATH="/opt/anaconda3/bin:$PATH"\nauto_activate_base: false', true],
    ['eval "$(/home/jane/anaconda3/bin/conda shell.bash hook)"\nauto_activate: no', false],
    [
      'eval "$(/home/jane/anaconda3/bin/conda shell.bash hook)"\n        export PATH="/home/jane/anaconda3/bin:$PATH"\nauto_activate: no',
      false,
    ],
  ])('%j: %s', (profile, conda) => {
    const { accounts } = factsOfRecords({
      accounts: 'jane\tP\tjane:x:1000:1000::/home/jane:/bin/bash',
      homes: `home\tjane\t1000\n${profile}`,
    }).agent;
    expect(accounts).toMatchObject([{ name: 'jane', homeOwnerUid: 1000, conda }]);
  });
});

describe('signs of trouble in logs', () => {
  const line = (time: string, text: string): string => `2026-11-${time},000000 [  9:9  ] WARN  x - ${text}`;

  it.each([
    ['a day and a minute old', [line('29 11:59:00', 'All licenses in use')], []],
    ['a day old', [line('29 12:01:00', 'All licenses in use')], ['licences-in-use']],
    ['without a time, behind one with', [line('28 09:00:00', 'x'), 'No protocol specified'], []],
    ['without a time, in a log that is fresh', ['No protocol specified'], ['x-access']],
    [
      'that is over',
      [
        line('30 11:00:00', 'Unable to retrieve license object from AWS S3 bucket'),
        line('30 11:01:00', 'Retrieved license object from AWS S3 bucket'),
      ],
      [],
    ],
    [
      'that came back',
      [
        line('30 11:01:00', 'Retrieved license object from AWS S3 bucket'),
        line('30 11:02:00', 'Unable to retrieve license object from AWS S3 bucket'),
      ],
      ['licence-s3'],
    ],
  ])('%s', (_, lines, ids) => {
    const log = ['1796039000 /var/log/dcv/server.log', ...lines].join('\n');
    const { signatures } = factsOfRecords({ clock: CLOCK, log }).agent;
    expect(signatures.map(({ id }) => id)).toEqual(ids);
  });

  it('reads the journal in its own zone', () => {
    const { signatures } = factsOfRecords({
      clock: CLOCK,
      'dcv-journal': '2026-11-30T17:00:00+0530 a dcvserver[1]: Too many open files',
    }).agent;
    expect(signatures).toMatchObject([
      { id: 'too-many-files', log: 'journal of dcvserver', at: '2026-11-30T11:30:00.000000Z' },
    ]);
  });
});

describe('commands that hang', () => {
  const all = [SCRIPT, PROXY, LEFTOVERS].map((text) => text.toString()).join('\n');
  const limits = [...all.matchAll(/\bprobe ([a-z][a-z-]*) (\d+) /g)].map(([, name = '', seconds]) => ({
    name,
    seconds: Number(seconds),
  }));

  it('are told with the limit that they have in the script', () => {
    const scripted = Object.fromEntries(limits.map(({ name, seconds }) => [name, seconds]));
    const { verifier, ...commands } = scripted;
    expect(verifier).toBe(4);
    expect(
      Object.fromEntries(Object.entries(COMMANDS).map(([name, [, seconds]]) => [name, seconds])),
    ).toEqual(commands);
  });

  it('are told once, whichever of them it was', () => {
    const { hung } = factsOfRecords({ sessions: ['', 137], 'sessions-text': ['', 124], ufw: ['', 0] });
    expect(hung).toEqual(['dcv list-sessions (20 s)']);
  });
});

describe('what leaves a host', () => {
  it('is no key, and of dcv.conf only what is known to hold no secret', () => {
    expect(SCRIPT).not.toMatch(/cat [^\n]*(?:dcv\.key|dcv\.conf|shadow)/);
    expect(SCRIPT).not.toContain('web-extra-http-headers');
  });

  it('fits into one argument of a command, with what a proxy or a leftover adds', () => {
    expect(SCRIPT.length).toBeLessThan(32 * 1024);
  });
});
