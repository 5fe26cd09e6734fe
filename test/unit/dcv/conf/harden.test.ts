import { describe, expect, it } from 'vitest';
import { readConfString } from '../../../../src/dcv/conf/dcv-conf.ts';
import { parseVariant } from '../../../../src/dcv/conf/gvariant.ts';
import { hardening } from '../../../../src/dcv/conf/harden.ts';
import { withSettings } from '../../../../src/dcv/conf/settings.ts';

const FOR = {
  gateways: ['https://desks.example', 'https://10.213.66.188:8443'],
  own: 'https://10.150.248.180:8443',
  idleMinutes: 60,
};
const hardened = (conf: string, gateways = FOR.gateways): string =>
  withSettings(conf, hardening(conf, { ...FOR, gateways }).wanted).text;
const setNames = (conf: string): string[] => hardening(conf, FOR).wanted.map(({ name }) => name);
const pattern = (conf: string, key: string): RegExp =>
  new RegExp(String(parseVariant(`"${readConfString(conf, 'security', key) ?? ''}"`)));

describe('a hardened dcv.conf', () => {
  const conf = hardened('[security]\nauthentication="none"\n');
  const hosts = pattern(conf, 'allowed-http-host-regex');
  const origins = pattern(conf, 'allowed-ws-origin-regex');

  it('asks for a login and ends idle viewers', () => {
    expect(conf).toContain('authentication="system"\n');
    expect(conf).toContain('[connectivity]\nidle-timeout=60\n');
  });

  it.each([
    'desks.example',
    'desks.example:443',
    '10.213.66.188:8443',
    '10.213.66.188',
    '10.150.248.180:8443',
  ])('serves %s: people through the gateway, and checks of the agent itself', (host) => {
    expect(host).toMatch(hosts);
  });

  it.each([
    'elsewhere.example',
    'xdesks.example',
    'desks.example.evil',
    '10.213.66x188:8443',
    'desks.example:8443',
  ])('refuses %s', (host) => {
    expect(host).not.toMatch(hosts);
  });

  it('takes pages of the gateway only', () => {
    for (const origin of ['https://desks.example', 'https://10.213.66.188:8443']) {
      expect(origin).toMatch(origins);
    }
    for (const origin of [
      'http://desks.example',
      'https://desks.example.evil',
      'https://10.150.248.180:8443',
    ]) {
      expect(origin).not.toMatch(origins);
    }
  });

  it('is not changed again, also with many names and IPv6', () => {
    const many = Array.from({ length: 12 }, (_, index) => `https://[fd00::${index}]:8443`);
    const once = hardened('', many);
    expect(hardened(once, many)).toBe(once);
    expect('[fd00::11]:8443').toMatch(pattern(once, 'allowed-http-host-regex'));
  });

  it('takes a name more, also after many', () => {
    const many = Array.from({ length: 12 }, (_, index) => `https://a-proxy-of-many-${index}.example:8443`);
    const once = hardened('', many);
    const more = [...many, 'https://a-proxy-that-is-new.example:8443'];
    const { wanted, notes } = hardening(once, { ...FOR, gateways: more });
    expect(wanted.map(({ name }) => name)).toEqual([
      'security/allowed-http-host-regex',
      'security/allowed-ws-origin-regex',
    ]);
    expect(notes).toEqual([]);
    expect('a-proxy-that-is-new.example:8443').toMatch(
      pattern(hardened(once, more), 'allowed-http-host-regex'),
    );
  });
});

describe('what hardening leaves alone', () => {
  it.each<[string, string, string[]]>([
    [
      'an expression of one’s own that takes the gateway and the agent, and no other',
      '[security]\nallowed-http-host-regex="^(desks|10)[.].*$"\n',
      ['security/allowed-ws-origin-regex', 'connectivity/idle-timeout'],
    ],
    [
      'an idle timeout',
      '[connectivity]\nidle-timeout=5\n',
      ['security/allowed-http-host-regex', 'security/allowed-ws-origin-regex'],
    ],
    [
      'a login with tokens',
      '[security]\nauth-token-verifier="https://localhost:8444"\n',
      ['security/allowed-http-host-regex', 'security/allowed-ws-origin-regex', 'connectivity/idle-timeout'],
    ],
  ])('is %s', (_what, conf, names) => {
    expect(setNames(conf)).toEqual(names);
  });

  it('replaces an expression that refuses the gateway', () => {
    expect(setNames('[security]\nallowed-http-host-regex="^other$"\n')).toContain(
      'security/allowed-http-host-regex',
    );
  });

  it.each([
    ['none', 'viewers will log in with the password of the session owner’s account'],
    ['"off"', 'security/authentication is set to what it can’t be: it has to be system or none'],
  ])('is no authentication=%s', (value, note) => {
    const { wanted, notes } = hardening(`[security]\nauthentication=${value}\n`, FOR);
    expect(wanted[0]).toMatchObject({ name: 'security/authentication', value: '"system"' });
    expect(notes).toEqual([note]);
  });

  it('is no idle timeout that DCV can’t take', () => {
    expect(setNames('[connectivity]\nidle-timeout=60.0\n')).toContain('connectivity/idle-timeout');
  });

  it('says what it can’t judge, and that idle viewers stay for ever', () => {
    const { notes } = hardening(
      '[security]\nallowed-http-host-regex="^(?=x)$"\n[connectivity]\nidle-timeout=0\n',
      FOR,
    );
    expect(notes).toEqual([
      'security/allowed-http-host-regex is left as it is: it can’t be told what it matches',
      'connectivity/idle-timeout is 0: idle viewers are never disconnected',
    ]);
  });
});
