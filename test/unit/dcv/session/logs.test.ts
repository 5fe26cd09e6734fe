import { describe, expect, it } from 'vitest';
import { type SessionLog, tellingLine } from '../../../../src/dcv/session/logs.ts';

const AGENT = '/var/log/dcv/agent.jane.desk.log';
const XSESSION = '/var/log/dcv/dcv-xsession.jane.desk.log';
const SERVER = '/var/log/dcv/server.log';

function line(level: string, message: string): string {
  return `2026-11-23 09:50:08,595888 [    51:51    ] ${level.padEnd(5)} agent - ${message}`;
}

describe('tellingLine: a session that ended at once is explained by one line, or the user has to dig', () => {
  it.each<[string, SessionLog[], string | undefined]>([
    ['no logs', [], undefined],
    ['nothing but information', [{ file: AGENT, text: line('INFO', 'ready') }], undefined],
    [
      'the last error',
      [
        {
          file: AGENT,
          text: [line('ERROR', 'first'), line('ERROR', 'second'), line('INFO', 'bye')].join('\n'),
        },
      ],
      'agent - second',
    ],
    [
      'an error before a warning',
      [{ file: AGENT, text: [line('ERROR', 'why'), line('WARN', 'so it ends')].join('\n') }],
      'agent - why',
    ],
    [
      'the desktop’s own complaint before the agent’s warning that something ended',
      [
        { file: AGENT, text: line('WARN', 'Session script exited with status 127') },
        {
          file: XSESSION,
          text: '/opt/start: 3: gnome-session: not found\nXIO:  fatal IO error 2 on X server ":1"',
        },
      ],
      '/opt/start: 3: gnome-session: not found',
    ],
    [
      'the agent’s warning when nothing else is said',
      [
        { file: AGENT, text: line('WARN', 'Session script exited with status 0') },
        { file: XSESSION, text: 'X connection to :1 broken (explicit kill or server shutdown).\r\n' },
      ],
      'agent - Session script exited with status 0',
    ],
    [
      'the server’s line about this session, not about another',
      [
        {
          file: SERVER,
          text: [line('ERROR', "Session 'desk' lost"), line('ERROR', "Session 'other' lost")].join('\n'),
        },
      ],
      "agent - Session 'desk' lost",
    ],
  ])('finds %s', (_what, logs, wanted) => {
    expect(tellingLine(logs, 'desk')?.line).toBe(wanted);
  });
});
