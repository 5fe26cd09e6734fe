import { describe, expect, it } from 'vitest';
import { parseProxyFacts } from '../../../src/gateway/proxy-facts.ts';

const LIVE = '/etc/nginx/conf.d/dcv-gateway.conf';
const record = (name: string, value = ''): { name: string; value: string } => ({ name, value });

describe('facts of a proxy', () => {
  it('reads a bare host: no nginx, nothing live, nothing kept', () => {
    const facts = parseProxyFacts(
      [
        record('nginx', 'dcvops: 1: nginx: not found'),
        record('unit', 'LoadState=not-found\nActiveState=inactive\nUnitFileState='),
        record('live-digest', 'absent'),
        record('package-manager', 'dnf'),
      ],
      LIVE,
    );
    expect(facts).toMatchObject({
      nginx: undefined,
      service: { loaded: false, active: false, enabled: false },
      live: undefined,
      liveDigest: 'absent',
      releases: [],
      packageManager: 'dnf',
      hasOpenssl: false,
    });
  });

  it('reads a proxy at work, file contents to the last newline', () => {
    const facts = parseProxyFacts(
      [
        record(
          'nginx',
          'nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.9\nconfigure arguments: --with-http_ssl_module --with-http_v2_module',
        ),
        record('unit', 'LoadState=loaded\nActiveState=active\nUnitFileState=enabled'),
        record('live', '# release: 0123456789ab\nserver {}\n\n.'),
        record('live-stat', '644 root:root'),
        record('rival', '/etc/nginx/conf.d/dcv-dynamic-proxy.conf'),
        record('rival-content', 'listen 8443;\n.'),
        record(
          'listeners',
          'LISTEN 0 511 0.0.0.0:8443 0.0.0.0:* users:(("nginx",pid=12,fd=6),("nginx",pid=11,fd=6))\nLISTEN 0 5 [::]:8443 [::]:* users:(("python3",pid=77,fd=3))',
        ),
        record('ipv6', 'yes'),
        record(
          'addresses',
          '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n' +
            '2: ens5    inet 10.213.66.188/16 metric 100 brd 10.213.255.255 scope global dynamic ens5\\  valid_lft 2s\n' +
            '2: ens5    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever\n' +
            '2: ens5    inet6 fd00::5/64 scope global \\       valid_lft forever preferred_lft forever\n' +
            '3: tun0    inet 10.8.0.2 peer 10.8.0.1/32 scope global tun0\\       valid_lft forever preferred_lft forever',
        ),
        record('certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n.'),
        record('selinux', 'Enforcing off'),
        record('release', '0123456789ab 2026-11-23T09:00:00Z anna@laptop\n'),
        record('recovered', 'the change to ffffffffffff by bob@desk'),
      ],
      LIVE,
    );
    expect(facts.nginx).toMatchObject({
      version: [1, 22, 1],
      hasIPv6: true,
      ownAddresses: ['127.0.0.1', '10.213.66.188', 'fd00::5', '10.8.0.2'],
    });
    expect(facts.certificate).toBe('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    expect(facts.service).toEqual({ loaded: true, active: true, enabled: true });
    expect(facts.live).toEqual({
      path: LIVE,
      content: '# release: 0123456789ab\nserver {}\n\n',
      mode: '644 root:root',
      releaseId: '0123456789ab',
    });
    expect(facts.rivals).toEqual([
      { path: '/etc/nginx/conf.d/dcv-dynamic-proxy.conf', content: 'listen 8443;\n' },
    ]);
    expect(facts.listeners).toEqual([
      { program: 'nginx', pid: 12 },
      { program: 'nginx', pid: 11 },
      { program: 'python3', pid: 77 },
    ]);
    expect(facts.selinux).toEqual({ enforcing: true, mayConnect: false });
    expect(facts.releases).toEqual([
      { id: '0123456789ab', since: new Date('2026-11-23T09:00:00Z'), who: 'anna@laptop' },
    ]);
    expect(facts.recovered).toBe('the change to ffffffffffff by bob@desk');
  });

  it('reads the files of a kept release, paths with spaces included', () => {
    const facts = parseProxyFacts(
      [
        record('wanted-write', '640 /etc/nginx/conf.d/old gateway.conf'),
        record('wanted-content', 'x\n.'),
        record('wanted-remove', LIVE),
      ],
      LIVE,
    );
    expect(facts.wanted).toEqual([
      { kind: 'write', mode: '640', path: '/etc/nginx/conf.d/old gateway.conf', content: 'x\n' },
      { kind: 'remove', path: LIVE },
    ]);
  });
});
