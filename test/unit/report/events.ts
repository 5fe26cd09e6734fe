import type { OperationEvent } from '../../../src/report/events.ts';

/** A run as operations tell it: two hosts, one of which fails, and one of everything else. */
export const RUN: readonly OperationEvent[] = [
  {
    type: 'steps',
    hosts: ['gateway', 'spare'],
    steps: [
      { id: 'facts', title: 'Reading the host' },
      { id: 'swap', title: 'Swapping in' },
    ],
  },
  { type: 'step', host: 'gateway', step: 'facts', state: 'started' },
  { type: 'step', host: 'gateway', step: 'facts', state: 'progress', detail: 'waiting for anna@laptop' },
  { type: 'step', host: 'gateway', step: 'facts', state: 'done', detail: 'nginx 1.22.1' },
  { type: 'note', level: 'warning', host: 'gateway', message: 'two\nlines', hint: 'dcvops check' },
  { type: 'note', level: 'info', message: 'worth knowing' },
  {
    type: 'diff',
    host: 'gateway',
    path: '/etc/x.conf',
    modeBefore: undefined,
    modeAfter: '644 root:root',
    diff: '+new\n-old\n same\n',
  },
  { type: 'output', host: 'gateway', stream: 'stdout', line: 'installed \x1b[1mnginx' },
  { type: 'output', host: 'gateway', stream: 'stderr', line: 'a warning of apt' },
  { type: 'script', host: 'gateway', name: 'read facts', command: 'nginx -v\ntrue', elapsedMs: 12.4 },
  { type: 'step', host: 'spare', step: 'facts', state: 'failed', detail: 'no answer' },
  { type: 'step', host: 'gateway', step: 'swap', state: 'skipped' },
  { type: 'outcome', host: 'gateway', outcome: 'done', message: 'release 3f9a1c live', hint: 'dcvops check' },
  {
    type: 'outcome',
    host: 'spare',
    outcome: 'unreachable',
    message: 'no answer in 10 s',
    hint: 'dcvops ssh spare',
  },
];
