import { describe, expect, it } from 'vitest';
import { diffOfDcvConf } from '../../../../src/dcv/conf/diff.ts';
import { digestOf } from '../../../../src/dcv/conf/file.ts';
import { DCV_KEYS } from '../../../../src/dcv/conf/keys.ts';
import { readAssignment, readSettingName, settingsOf } from '../../../../src/dcv/conf/settings.ts';
import { shownAssignment, shownSetting } from '../../../../src/dcv/conf/shown-settings.ts';
import { mask } from '../../../../src/logs/mask.ts';

/* A diff, a table and a hint are read by others, too. */

const diffOf = (before: string, after: string): string =>
  diffOfDcvConf('agent1', { text: before, digest: digestOf(before), mode: '644 root:root' }, after, mask)
    .diff;

describe('a diff of dcv.conf', () => {
  it.each<[string, string, string]>([
    [
      'the password and the query of a verifier',
      'auth-token-verifier="https://jane:s3cret@broker:8445/?key=s3cret"',
      'auth-token-verifier="https://jane:***@broker:8445/?***"',
    ],
    ['headers', `web-extra-http-headers = [('X', 's3cret')]\r`, 'web-extra-http-headers = ***\r'],
    ['headers in a comment', `#web-extra-http-headers=[('X', 's3cret')]`, '#web-extra-http-headers=***'],
    ['what a key nobody documents says of itself', 'api-password="s3cret"', 'api-password="***"'],
    ['the same without quotes', 'api-password=s3cret s3cret', 'api-password=***'],
    ['what no setting is', '# see https://jane:s3cret@broker:8445/', '# see https://jane:***@broker:8445/'],
  ])('hides %s', (_, line, shown) => {
    expect(diffOf(`${line}\na=1\n`, `${line}\na=2\n`)).toContain(`\n ${shown}\n-a=1\n+a=2\n`);
    expect(diffOf(`${line}\n`, '')).toContain(`\n-${shown}\n`);
  });

  it('shows that a secret changes', () => {
    const of = (secret: string): string => `[connectivity]\nweb-extra-http-headers=[('X', '${secret}')]\n`;
    expect(diffOf(of('one'), of('two'))).toContain(
      '\n [connectivity]\n-web-extra-http-headers=***\n+web-extra-http-headers=***\n',
    );
  });

  it.each([
    String.raw`allowed-http-host-regex="^[^?]+(?:host)\\.example\\.com/?a=b$"`,
    'web-extra-http-headers=[]',
    'authentication="none"',
    'naïve="é"',
  ])('shows %s as it is', (line) => {
    const bytes = Buffer.from(line).toString('latin1');
    expect(diffOf('', `${bytes}\n`)).toContain(`\n+${line}\n`);
  });
});

describe('a setting that is shown', () => {
  it('hides nothing of the defaults', () => {
    const shown = settingsOf('').map((one) => shownSetting(one, mask).text);
    expect(shown).toEqual(DCV_KEYS.map(({ byDefault }) => byDefault));
  });

  it('hides what its key says is a secret', () => {
    const settings = settingsOf('[x]\napi-password="s3cret"\n', [readSettingName('x/api-password')]);
    expect(settings.map((one) => shownSetting(one, mask))).toMatchObject([{ text: '"***"', value: '"***"' }]);
  });
});

describe('a setting in a command to type', () => {
  it.each([
    ['security/authentication=system', 'security/authentication=system'],
    ['ca-file=/etc/my ca.pem', `'ca-file=/etc/my ca.pem'`],
    [`web-extra-http-headers=[('X', 's3cret')]`, 'connectivity/web-extra-http-headers=<hidden>'],
    ['security/auth-token-verifier=https://jane:s3cret@b/', 'security/auth-token-verifier=<hidden>'],
    ['x/api-password="s3cret"', 'x/api-password=<hidden>'],
  ])('%s is shown as %s', (typed, shown) => {
    expect(shownAssignment(readAssignment(typed), typed, mask)).toBe(shown);
  });
});
