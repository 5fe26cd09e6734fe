import { describe, expect, it } from 'vitest';
import { connectionFile } from '../../../../src/dcv/session/connection-file.ts';
import { signInUrl } from '../../../../src/dcv/session/url.ts';
import { Secret } from '../../../../src/shell/secret.ts';

const ADDRESS = 'https://10.213.66.188:8443/10.150.248.180/#desk';

describe('connectionFile: the native client goes through the gateway’s path, or not at all', () => {
  it('is a whole file', () => {
    expect(connectionFile({ url: ADDRESS, id: 'desk' })).toBe(`[version]
format=1.0

[connect]
host=10.213.66.188
port=8443
weburlpath=/10.150.248.180
sessionid=desk
transport=websocket
certificatevalidationpolicy=ask-user
`);
  });

  it.each<[string, string, string[]]>([
    ['a port that is left out', 'https://desks.example/10.0.0.5/#desk', ['host=desks.example', 'port=443']],
    ['IPv6', 'https://[fd00::1]:8443/fd00::5/#desk', ['host=fd00::1', 'port=8443', 'weburlpath=/fd00::5']],
  ])('%s', (_what, url, wanted) => {
    expect(connectionFile({ url, id: 'desk' }).split('\n')).toEqual(expect.arrayContaining(wanted));
  });

  it('never has a certificate accepted unseen, and leaves a name’s to the client’s own policy', () => {
    expect(connectionFile({ url: 'https://desks.example/10.0.0.5/#desk', id: 'desk' })).not.toContain(
      'certificatevalidationpolicy',
    );
  });

  it('has a token only when one was asked for', () => {
    expect(connectionFile({ url: ADDRESS, id: 'desk' })).not.toContain('authtoken');
    expect(connectionFile({ url: ADDRESS, id: 'desk', token: new Secret('a1b2') })).toMatch(
      /^authtoken=a1b2$/m,
    );
  });

  it.each(['desk\nuser=root', 'desk\r[options]', 'desk\u2028', 'desk ', ' desk', 'de\\nsk', 'de\tsk', ''])(
    'refuses an id that would be more than its line: %j',
    (id) => {
      expect(() => connectionFile({ url: ADDRESS, id })).toThrow('cannot stand in a .dcv file');
    },
  );
});

describe('signInUrl: DCV’s page finds the token in the query, before the session', () => {
  it.each([
    [ADDRESS, 'a1b2', 'https://10.213.66.188:8443/10.150.248.180/?authToken=a1b2#desk'],
    ['https://x/10.0.0.5/#a%23b', '$&', 'https://x/10.0.0.5/?authToken=%24%26#a%23b'],
  ])('%s', (url, token, wanted) => {
    expect(signInUrl(url, token)).toBe(wanted);
  });
});
