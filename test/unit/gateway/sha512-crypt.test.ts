import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { hashPassword, sha512Crypt } from '../../../src/gateway/sha512-crypt.ts';
import { Secret } from '../../../src/shell/secret.ts';

// A hash that is one bit off is a password that lets nobody in.

it.each([
  [
    'Hello world!',
    'saltstring',
    5000,
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'Hello world!',
    'saltstringsaltst',
    10000,
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  [
    'a very much longer text to encrypt.  This one even stretches over morethan one line.',
    'anotherlongsalts',
    1400,
    '$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
  ],
  [
    'the minimum number is still observed',
    'roundstoolow',
    1000,
    '$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.',
  ],
])('hashes as the specification’s examples: %s', (password, salt, rounds, hash) => {
  expect(sha512Crypt(Buffer.from(password), salt, rounds)).toBe(hash);
});

// 64 and 128 bytes are whole digests, where others were off by one.
it.each([1, 12, 63, 64, 65, 127, 128])('hashes %d characters as openssl does', (length) => {
  const password = Array.from({ length }, (_, index) => String.fromCharCode(33 + ((index * 7) % 94))).join(
    '',
  );
  const openssl = execFileSync('openssl', ['passwd', '-6', '-salt', 'abcdefgh12345678', '-stdin'], {
    input: `${password}\n`,
    encoding: 'utf8',
  });
  expect(`${sha512Crypt(Buffer.from(password), 'abcdefgh12345678')}\n`).toBe(openssl);
});

it('takes another salt each time, so that equal passwords don’t look equal', () => {
  const hashes = [hashPassword(new Secret('correct horse')), hashPassword(new Secret('correct horse'))];
  expect(hashes[0]).toMatch(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
  expect(hashes[0]).not.toBe(hashes[1]);
});
