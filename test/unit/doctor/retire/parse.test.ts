import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/dcv/conf/file.ts';
import { parseRetireFacts } from '../../../../src/doctor/retire/parse.ts';

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
const CONF = '[security]\r\n# \xe9\xff\n';

const told = (
  ...records: readonly (readonly [string, string, number?])[]
): ReturnType<typeof parseRetireFacts> =>
  parseRetireFacts(records.map(([name, text, code = 0]) => ({ name, value: `${text}\n:${code}` })));

describe('what retiring is told of a host', () => {
  it('is nothing when the host told nothing', () => {
    expect(told()).toMatchObject({
      units: [],
      conf: undefined,
      viewers: undefined,
      clients: [],
      retired: [],
    });
  });

  it('keeps every byte of dcv.conf', () => {
    expect(told(['conf', base64(CONF)], ['conf-mode', '640 dcv:root']).conf).toEqual({
      text: CONF,
      digest: digestOf(CONF),
      mode: '640 dcv:root',
    });
  });

  it('reads units: one that starts is active, one that was linked for this boot only is not enabled', () => {
    const text = `Id=a.service\nLoadState=loaded\nActiveState=activating\nUnitFileState=enabled-runtime\n\nId=b.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=`;
    expect(told(['units', text]).units).toEqual([
      { unit: 'a.service', loaded: true, active: true, enabled: false },
      { unit: 'b.service', loaded: false, active: false, enabled: false },
    ]);
  });

  it.each<[string, string, number, number | undefined]>([
    ['adds up all sessions', '[{"id":"a","num-of-connections":1},{"id":"b","num-of-connections":2}]', 0, 3],
    ['no session is nobody', '[]', 0, 0],
    ['a dcv that fails says nothing', 'no bus', 1, undefined],
    ['nor does one that hangs', '', 124, undefined],
    ['nor one that does not count', '[{"id":"a"}]', 0, undefined],
    ['nor one that cannot be understood', 'hello', 0, undefined],
  ])('viewers: %s', (_, text, code, viewers) => {
    expect(told(['sessions', text, code]).viewers).toBe(viewers);
  });

  it('takes the resolver that a port names before the one that a configuration names', () => {
    const { leftovers } = told(
      ['resolver', '9000 4 perl\n0::/system.slice/a.service'],
      ['wanted-resolver', '9001 5 perl\n0::/system.slice/b.service'],
    );
    expect(leftovers.resolver).toMatchObject({ port: 9001, unit: 'b.service' });
  });

  it('reads the records of what is retired, each with its own dcv.conf', () => {
    const before = digestOf(CONF);
    const { retired } = told(
      [
        'kept',
        `broker\n2026-12-01T12:00:00Z anna@laptop\nrestart-due yes\nunit a.service yes no\nconf ${before} ${'0'.repeat(64)}`,
      ],
      ['kept-conf', base64(CONF)],
      ['kept', 'resolver\n2026-12-02T12:00:00Z anna@laptop\nrestart-due no\nunit r.service yes yes'],
      ['kept-conf', ''],
    );
    expect(retired).toEqual([
      {
        name: 'broker',
        meta: '2026-12-01T12:00:00Z anna@laptop',
        units: [{ unit: 'a.service', active: true, enabled: false }],
        conf: { text: CONF, before, after: '0'.repeat(64) },
        damaged: false,
        restartDue: true,
      },
      {
        name: 'resolver',
        meta: '2026-12-02T12:00:00Z anna@laptop',
        units: [{ unit: 'r.service', active: true, enabled: true }],
        conf: undefined,
        damaged: false,
        restartDue: false,
      },
    ]);
  });

  it('knows a damaged dcv.conf', () => {
    const { retired } = told(
      ['kept', `broker\nmeta\nrestart-due no\nconf ${digestOf(CONF)} ${'0'.repeat(64)}`],
      ['kept-conf', base64('cut off')],
    );
    expect(retired[0]).toMatchObject({ conf: undefined, damaged: true });
  });
});
