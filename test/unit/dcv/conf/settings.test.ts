import { describe, expect, it } from 'vitest';
import { DCV_KEYS } from '../../../../src/dcv/conf/keys.ts';
import {
  eachOnce,
  readAssignment,
  readSettingName,
  reloadOf,
  settingsOf,
  warningsAbout,
  withSettings,
} from '../../../../src/dcv/conf/settings.ts';
import { differingNames, shownSetting } from '../../../../src/dcv/conf/shown-settings.ts';

describe('the documented settings', () => {
  it('have defaults that DCV itself would take', () => {
    const refused = settingsOf(
      DCV_KEYS.map((one) => `[${one.section}]\n${one.key}=${one.byDefault}\n`).join(''),
    );
    expect(refused.filter(({ problem, isDefault }) => problem !== undefined || !isDefault)).toEqual([]);
    expect(new Set(DCV_KEYS.map(({ section, key }) => `${section}/${key}`)).size).toBe(DCV_KEYS.length);
  });
});

describe('SECTION/KEY=VALUE', () => {
  it.each<[string, string, string]>([
    ['text without quotes', 'security/authentication=system', '"system"'],
    ['text with quotes', `security/authentication='none'`, `'none'`],
    ['text with an equals sign', 'security/ca-file=/etc/a=b.pem', '"/etc/a=b.pem"'],
    ['text that looks like a number', 'security/server-fqdn=5', '"5"'],
    [
      'an expression, whose backslash is doubled',
      String.raw`security/allowed-http-host-regex=^a\.b$`,
      String.raw`"^a\\.b$"`,
    ],
    ['an empty text', 'session-management/automatic-console-session/owner=', '""'],
    ['a number', 'connectivity/idle-timeout=120', '120'],
    ['a truth value', 'session-management/create-session=true', 'true'],
    ['a list', `connectivity/web-listen-endpoints=['127.0.0.1:8443']`, `['127.0.0.1:8443']`],
    ['a key alone that one section has', 'idle-timeout=0', '0'],
    ['what nobody documents, as it is written', 'metrics/level="x"', '"x"'],
  ])('takes %s', (_what, text, value) => {
    expect(readAssignment(text).value).toBe(value);
  });

  it.each<[string, string | RegExp]>([
    ['security/authentication=off', 'security/authentication has to be system or none'],
    ['connectivity/web-port=80', 'connectivity/web-port has to be from 1024 to 65535'],
    ['connectivity/idle-timeout=-1', 'connectivity/idle-timeout has to be 0 or more'],
    ['connectivity/idle-timeout=1h', 'connectivity/idle-timeout has to be a whole number'],
    ['connectivity/idle-timeout=60.0', 'connectivity/idle-timeout has to be a whole number'],
    ['connectivity/idle-timeout=1e3', 'connectivity/idle-timeout has to be a whole number'],
    ['connectivity/idle-timeout=08', 'connectivity/idle-timeout has to be a whole number'],
    ['connectivity/idle-timeout=3000000000', 'connectivity/idle-timeout has to be a whole number'],
    [
      'connectivity/idle-timeout=010',
      'connectivity/idle-timeout has to be a whole number in decimal, without a 0 before it: DCV would read 010 as 8',
    ],
    ['connectivity/web-use-hsts=yes', 'connectivity/web-use-hsts has to be true or false'],
    ['connectivity/web-url-path=desk', 'connectivity/web-url-path has to be a path that begins with /'],
    ['security/administrators=jane', /has to be a list of texts: \['a', 'b'\]/],
    ['security/ca-file=a\nb', /control character/],
    ['metrics/level=x', /not documented, so its type isn’t known: its value has to be written as/],
    ['idle-timeot=1', /names no section: it has to be SECTION\/KEY, did you mean "idle-timeout"/],
    ['permissions-file=/x', /is in several sections: session-management\/defaults\/permissions-file, /],
    ['a]\n[b/c=1', /can’t be a setting/],
    ['connectivity/idle-timeout', /has to be SECTION\/KEY=VALUE/],
  ])('refuses %j', (text, message) => {
    const refusal = ((): unknown => {
      try {
        return readAssignment(text);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toMatchObject({
      code: 'usage',
      message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
    });
  });

  it('is refused twice for one setting, whatever it is called', () => {
    const named = ['connectivity/idle-timeout=5', 'connectivity/web-port=9443', 'idle-timeout=6'];
    expect(() => eachOnce(named.map(readAssignment))).toThrow('connectivity/idle-timeout is named twice');
    expect(eachOnce(named.slice(1).map(readAssignment))).toHaveLength(2);
  });

  it('says of a key that nobody documents what it may have meant', () => {
    expect(warningsAbout([readSettingName('security/authentification')]).join()).toContain(
      'is not documented, did you mean "security/authentication"?',
    );
    expect(warningsAbout([readSettingName('security/authentication')])).toEqual([]);
  });
});

const CONF = `[security]
authentication='none'
auth-token-verifier="https://jane:s3cret@broker:8445/?key=1"
[connectivity]
idle-timeout="soon"
web-port=8443
web-extra-http-headers=[('X-Token', 's3cret')]
[license]
license-file=/etc/l.lic
[other]
thing=5
`;

describe('what counts', () => {
  it.each([
    ['security/authentication', { text: "'none'", value: 'none', isDefault: false, problem: undefined }],
    ['connectivity/web-port', { text: '8443', isDefault: true }],
    ['connectivity/idle-timeout', { text: '60', isDefault: true, problem: 'a whole number' }],
    ['log/level', { text: "'info'", written: undefined, isDefault: true }],
    [
      'license/license-file',
      { text: '/etc/l.lic', value: '/etc/l.lic', isDefault: false, problem: undefined },
    ],
    ['other/thing', { text: '5', value: 5, isDefault: false }],
    ['other/nothing', { text: undefined, value: undefined, isDefault: true }],
  ])('of %s is told with where it comes from', (name, setting) => {
    expect(settingsOf(CONF, [readSettingName(name)])).toMatchObject([setting]);
  });

  it('holds no secret once it is shown', () => {
    const shown = settingsOf(CONF).map((one) => shownSetting(one, (text) => text.replace('s3cret@', '***@')));
    expect(JSON.stringify(shown)).not.toContain('s3cret');
    expect(shown.find(({ name }) => name === 'connectivity/web-extra-http-headers')).toMatchObject({
      text: '***',
      value: '***',
      from: 'dcv.conf',
    });
  });

  it('is compared with the defaults, or between agents, whatever its quotes', () => {
    expect(differingNames([settingsOf(CONF)])).toEqual([
      'connectivity/web-extra-http-headers',
      'connectivity/idle-timeout', // the default counts, and not what is written
      'security/authentication',
      'security/auth-token-verifier',
      'license/license-file',
      'other/thing',
    ]);
    const one = settingsOf('[security]\nauthentication="system"\n[x]\ny=1\n');
    const other = settingsOf('[log]\nlevel="warn"\n');
    expect(differingNames([one, other])).toEqual(['log/level', 'x/y']);
    expect(differingNames([one, one, one])).toEqual([]);
    const wrong = settingsOf('[log]\nlevel=["a"]\n');
    expect(differingNames([wrong, wrong])).toEqual(['log/level']);
  });
});

describe('a change', () => {
  it('is what is not in dcv.conf yet, in UTF-8', () => {
    const wanted = [
      readAssignment('security/authentication=none'),
      readAssignment('security/server-fqdn=é'),
      { ...readSettingName('connectivity/web-port'), value: undefined },
      { ...readSettingName('log/level'), value: undefined },
    ];
    const { text, changes } = withSettings(CONF, wanted);
    expect(changes.map(({ name }) => name)).toEqual(['security/server-fqdn', 'connectivity/web-port']);
    expect(text).toContain('server-fqdn="\xc3\xa9"');
    expect(text).not.toContain('web-port');
    expect(withSettings(text, wanted).changes).toEqual([]);
  });

  it('is also what means the same and is nothing that DCV takes', () => {
    const wanted = [readAssignment('connectivity/idle-timeout=60')];
    expect(withSettings('[connectivity]\nidle-timeout=60.0\n', wanted).changes).toHaveLength(1);
    expect(withSettings('[connectivity]\nidle-timeout=60\n', wanted).changes).toEqual([]);
  });

  it.each([
    [['connectivity/idle-timeout'], 'live'],
    [['connectivity/idle-timeout', 'license/license-file'], 'session'],
    [['license/license-file', 'security/authentication'], 'restart'],
    [['other/thing'], 'restart'],
  ])('of %j counts: %s', (names, reload) => {
    expect(reloadOf(names.map(readSettingName))).toBe(reload);
  });
});
