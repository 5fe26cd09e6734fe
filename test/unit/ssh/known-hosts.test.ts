import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fingerprint,
  hostFieldMatches,
  hostKeyAlgorithms,
  judgeHostKey,
  keyType,
  knownHostsLine,
  knownHostsName,
  parseKnownHosts,
  usesHashedNames,
  withoutHost,
} from '../../../src/ssh/known-hosts.ts';

/** A key in SSH's wire format: its type, then bytes. */
function key(type: string, seed: number): Buffer {
  const name = Buffer.from(type);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(name.length);
  return Buffer.concat([head, name, Buffer.alloc(36, seed)]);
}

const ED1 = key('ssh-ed25519', 1);
const ED2 = key('ssh-ed25519', 2);
const RSA1 = key('ssh-rsa', 3);
const ECDSA1 = key('ecdsa-sha2-nistp256', 4);
const b64 = (bytes: Buffer): string => bytes.toString('base64');
const AGENT = { address: '10.150.248.180', port: 22 };
const GATEWAY = { address: '10.213.66.188', port: 50000 };

function hashed(name: string, salt = 'c2FsdHNhbHRzYWx0c2FsdHM='): string {
  return `|1|${salt}|${createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64')}`;
}

describe('reading a known_hosts file', () => {
  it.each([
    ['blank and comment', '\n  \n# a ssh-ed25519 AAAA\n', 0],
    ['a plain line', `a ssh-ed25519 ${b64(ED1)}`, 1],
    ['with comment, tabs and CRLF', `a\tssh-ed25519\t${b64(ED1)}\tme@here\r\n`, 1],
    ['with leading spaces', `   a ssh-ed25519 ${b64(ED1)}`, 1],
    ['a marker', `@revoked a ssh-ed25519 ${b64(ED1)}`, 1],
    ['an unknown marker', `@soon a ssh-ed25519 ${b64(ED1)}`, 0],
    ['a key of another type than it says', `a ssh-rsa ${b64(ED1)}`, 0],
    ['a broken key', 'a ssh-ed25519 !!!', 0],
    ['no key', 'a ssh-ed25519', 0],
    ['the old protocol 1 form', 'a 1024 35 1234567890', 0],
    ['a line of zeros', '\0\0\0 \0 \0', 0],
  ])('%s', (_, text, count) => {
    expect(parseKnownHosts(text, 'known')).toHaveLength(count);
  });

  it('never throws, whatever is in the file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseKnownHosts(text, 'known');
      }),
    );
  });

  it('counts lines as editors do', () => {
    const lines = parseKnownHosts(`# x\n\na ssh-ed25519 ${b64(ED1)}\nb ssh-rsa ${b64(RSA1)}\n`, 'known');
    expect(lines.map(({ line, hosts, type }) => [line, hosts, type])).toEqual([
      [3, 'a', 'ssh-ed25519'],
      [4, 'b', 'ssh-rsa'],
    ]);
  });
});

describe('which lines mean a host', () => {
  it.each([
    ['10.150.248.180', AGENT, '10.150.248.180'],
    ['a port of its own', GATEWAY, '[10.213.66.188]:50000'],
    ['IPv6', { address: 'FD00::1', port: 22 }, 'fd00::1'],
    ['IPv6 with a port', { address: 'fd00::1', port: 2222 }, '[fd00::1]:2222'],
    ['capitals', { address: 'Gateway.Example', port: 22 }, 'gateway.example'],
  ])('the name of %s', (_, endpoint, name) => {
    expect(knownHostsName(endpoint)).toBe(name);
  });

  it.each([
    ['a', 'a', true],
    ['A', 'a', true],
    ['a', 'b', false],
    ['a,b', 'b', true],
    ['*', 'anything', true],
    ['10.0.0.*', '10.0.0.7', true],
    ['10.0.0.?', '10.0.0.77', false],
    ['10.0.0.??', '10.0.0.77', true],
    ['*.example', 'x.example.org', false],
    ['*a*b*c', 'xxaxxbxxc', true],
    ['!a,*', 'a', false],
    ['*,!a', 'a', false],
    ['*,!a', 'b', true],
    ['!a', 'b', false],
    ['[10.0.0.1]:50000', '[10.0.0.1]:50000', true],
    ['[10.0.0.1]:*', '[10.0.0.1]:50000', true],
    ['', 'a', false],
    [',', 'a', false],
    [hashed('a'), 'a', true],
    [hashed('a'), 'b', false],
    [hashed('[a]:22'), 'a', false],
    ['|1|broken', 'a', false],
    ['|2|c2FsdA==|c2FsdA==', 'a', false],
  ])('%s means %s: %s', (hosts, name, matches) => {
    expect(hostFieldMatches(hosts, name)).toBe(matches);
  });

  it('cannot be made slow by a pattern', () => {
    const startedAt = performance.now();
    expect(hostFieldMatches(`${'*a'.repeat(5_000)}b`, 'a'.repeat(5_000))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('judging a key', () => {
  const judge = (text: string, shown = ED1, endpoint = AGENT) =>
    judgeHostKey(parseKnownHosts(text, 'known'), endpoint, shown);
  const line = (host: string, bytes: Buffer): string => `${host} ${keyType(bytes) ?? ''} ${b64(bytes)}\n`;
  const agent = AGENT.address;

  it.each([
    ['known', line(agent, ED1), 'match'],
    ['known among others', line(agent, ED2) + line(agent, ED1), 'match'],
    ['nothing known', '', 'unknown'],
    ['another host', line('10.0.0.1', ED1), 'unknown'],
    ['another key of this type', line(agent, ED2), 'changed'],
    ['another key and one of another type', line(agent, ED2) + line(agent, RSA1), 'changed'],
    ['only keys of other types', line(agent, RSA1) + line(agent, ECDSA1), 'other-type'],
    ['revoked', `@revoked * ${line('', ED1).trim()}\n`, 'revoked'],
    ['known and revoked', line(agent, ED1) + `@revoked ${line(agent, ED1)}`, 'revoked'],
    ['another one revoked', line(agent, ED1) + `@revoked ${line(agent, ED2)}`, 'match'],
    ['revoked for another host', line(agent, ED1) + `@revoked ${line('10.0.0.1', ED1)}`, 'match'],
    ['an authority only', `@cert-authority ${line('*', ED2)}`, 'unknown'],
    ['an authority that has this very key', `@cert-authority ${line('*', ED1)}`, 'unknown'],
  ])('%s: %s', (_, text, kind) => {
    expect(judge(text).kind).toBe(kind);
  });

  it('takes the bare address for a port of its own, but never calls that changed', () => {
    expect(judge(line(GATEWAY.address, ED1), ED1, GATEWAY).kind).toBe('match');
    expect(judge(line(GATEWAY.address, ED2), ED1, GATEWAY).kind).toBe('unknown');
    expect(judge(`@revoked ${line(GATEWAY.address, ED1)}`, ED1, GATEWAY).kind).toBe('revoked');
  });

  it('names the lines that speak against a key', () => {
    expect(judge(`\n${line(agent, ED2)}`)).toMatchObject({
      kind: 'changed',
      lines: [{ file: 'known', line: 2 }],
    });
    expect(judge(`@cert-authority ${line('*', ED2)}`)).toMatchObject({ authority: { line: 1 } });
  });

  it.each([
    ['nothing', '', 'ssh-ed25519'],
    ['rsa', line(agent, RSA1), 'rsa-sha2-512'],
    ['ecdsa', line(agent, ECDSA1), 'ecdsa-sha2-nistp256'],
    ['both', line(agent, RSA1) + line(agent, ECDSA1), 'ecdsa-sha2-nistp256'],
    ['a revoked rsa', `@revoked ${line(agent, RSA1)}`, 'ssh-ed25519'],
  ])('asks first for what is known (%s)', (_, text, first) => {
    const algorithms = hostKeyAlgorithms(parseKnownHosts(text, 'known'), AGENT);
    expect(algorithms[0]).toBe(first);
    expect(new Set(algorithms).size).toBe(6);
  });

  it('asks first for what the bare address is known by, where that is all there is', () => {
    const lines = parseKnownHosts(line(GATEWAY.address, RSA1), 'known');
    expect(hostKeyAlgorithms(lines, GATEWAY)[0]).toBe('rsa-sha2-512');
  });
});

describe('writing', () => {
  it('prints fingerprints as ssh-keygen does', () => {
    // ssh-keygen -lf of this key says so
    const line = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
    expect(fingerprint(Buffer.from(line.split(' ')[1] ?? '', 'base64'))).toBe(
      'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
    );
  });

  it('writes a line that it then knows, hashed or not', () => {
    for (const hide of [true, false]) {
      const written = knownHostsLine(GATEWAY, ED1, hide);
      expect(written.includes(GATEWAY.address)).toBe(!hide);
      const lines = parseKnownHosts(written, 'known');
      expect(usesHashedNames(lines)).toBe(hide);
      expect(judgeHostKey(lines, GATEWAY, ED1).kind).toBe('match');
    }
  });

  it.each([
    ['its own line', 'a ssh-rsa AAAA\nb ssh-rsa AAAA\n', 'b ssh-rsa AAAA\n'],
    ['all of its lines', 'a ssh-rsa AAAA\na ssh-ed25519 AAAA\n', ''],
    ['its name of several', 'x,a,y ssh-rsa AAAA c,a\n', 'x,y ssh-rsa AAAA c,a\n'],
    [
      'a hashed line',
      `${hashed('a')} ssh-rsa AAAA\n${hashed('b')} ssh-rsa AAAA\n`,
      `${hashed('b')} ssh-rsa AAAA\n`,
    ],
    ['not what comments say', '# a ssh-rsa AAAA\n', '# a ssh-rsa AAAA\n'],
    ['not markers', '@revoked a ssh-rsa AAAA\n', '@revoked a ssh-rsa AAAA\n'],
    ['not patterns', '* ssh-rsa AAAA\n!a,* ssh-rsa AAAA\n', '* ssh-rsa AAAA\n!a,* ssh-rsa AAAA\n'],
    [
      'not the ends of lines',
      'b ssh-rsa AAAA\r\na ssh-rsa AAAA\r\nc ssh-rsa AAAA',
      'b ssh-rsa AAAA\r\nc ssh-rsa AAAA',
    ],
  ])('takes a host out: %s', (_, before, after) => {
    expect(withoutHost(before, { address: 'A', port: 22 })).toBe(after);
  });
});
