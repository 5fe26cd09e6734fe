import { describe, expect, it } from 'vitest';
import { parseInstallState } from '../../../../src/doctor/desktop/state.ts';

/** What systemctl tells of the unit, as `STATE RESULT CODE`, or that there is none. */
function run(properties: Record<string, string>): string {
  const value = Object.entries(properties)
    .map(([name, text]) => `${name}=${text}`)
    .join('\n');
  const { run: last } = parseInstallState([{ name: 'unit', value }]);
  return last === undefined ? 'none' : `${last.state} ${last.result} ${last.status}`;
}

describe('parseInstallState: an installation that runs is followed, never started twice', () => {
  it.each([
    ['none', 'not-found', 'inactive', 'dead', 'success', '0', 'none'],
    ['running', 'loaded', 'active', 'running', 'success', '0', 'running success 0'],
    ['being started', 'loaded', 'activating', 'start', 'success', '0', 'running success 0'],
    ['being stopped', 'loaded', 'deactivating', 'stop-sigterm', 'success', '0', 'running success 0'],
    ['ended well', 'loaded', 'active', 'exited', 'success', '0', 'ended-well success 0'],
    ['failed', 'loaded', 'failed', 'failed', 'exit-code', '100', 'failed exit-code 100'],
    ['killed', 'loaded', 'failed', 'failed', 'signal', '9', 'failed signal 9'],
  ])('%s', (_, LoadState, ActiveState, SubState, Result, ExecMainStatus, expected) => {
    expect(run({ ExecMainStatus, Result, LoadState, ActiveState, SubState })).toBe(expected);
  });

  it('reads packages by their status: one that is unpacked is not installed', () => {
    expect(
      parseInstallState([
        { name: 'unit', value: '' },
        { name: 'log-end', value: 'Setting up openbox\n\ndcvops: all done' },
        {
          name: 'packages',
          value: 'installed xterm\nunpacked openbox\nconfig-files gdm3\nnot-installed xfce4',
        },
        { name: 'interrupted', value: '' },
      ]),
    ).toEqual({
      run: undefined,
      installed: ['xterm'],
      interrupted: true,
      logEnd: ['Setting up openbox', 'dcvops: all done'],
    });
  });
});
