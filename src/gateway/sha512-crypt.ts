import { createHash, randomBytes } from 'node:crypto';
import type { Secret } from '../shell/secret.ts';

/*
 * SHA-512 crypt, `$6$`, as Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512" specifies it; the steps below are those
 * of its text. nginx checks such hashes with the C library of its host. A hash of `$6$` takes a worker some 2 ms, one of
 * bcrypt 60 ms and more, in which no desktop of that worker moves.
 */

/** 16 is as long as a salt counts. */
const SALT_LENGTH = 16;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The number of rounds that is meant where a hash names none. */
const ROUNDS = 5000;

/** Hashes a password with a new salt. */
export function hashPassword(password: Secret): string {
  const salt = [...randomBytes(SALT_LENGTH)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
  return sha512Crypt(Buffer.from(password.reveal()), salt);
}

/**
 * `$6$SALT$HASH`. Pure; takes some tens of milliseconds.
 * @param salt 1 to 16 characters of `./0-9A-Za-z`
 * @param rounds 1000 to 999,999,999; named in the result when they are not the usual ones
 */
export function sha512Crypt(password: Buffer, salt: string, rounds = ROUNDS): string {
  const named = rounds === ROUNDS ? '' : `rounds=${rounds}$`;
  return `$6$${named}${salt}$${encode(digestOf(password, Buffer.from(salt), rounds))}`;
}

function digestOf(password: Buffer, salt: Buffer, rounds: number): Buffer {
  const b = sha512(password, salt, password); // steps 4 to 8
  const bits = Array.from(password.length.toString(2)).reverse();
  const a = sha512(
    ...[password, salt, stretched(b, password.length)], // 1 to 3, 9 and 10
    ...bits.map((bit) => (bit === '1' ? b : password)), // 11
  );
  const p = stretched(sha512(...repeated(password, password.length)), password.length); // 13 to 16
  const s = stretched(sha512(...repeated(salt, 16 + (a[0] ?? 0))), salt.length); // 17 to 20
  let c = a;
  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1;
    c = sha512(odd ? p : c, ...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p]), odd ? c : p);
  }
  return c;
}

function sha512(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function repeated(part: Buffer, times: number): Buffer[] {
  return Array.from({ length: times }, () => part);
}

/** A digest's bytes over and over, to a length. */
function stretched(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, digest);
}

/** Step 22: three bytes become four characters, taken in an order of 21 turns; the last byte stands alone. */
function encode(digest: Buffer): string {
  const byte = (index: number): number => digest[index] ?? 0;
  let text = '';
  let triple: [number, number, number] = [0, 21, 42];
  for (let turn = 0; turn < 21; turn += 1) {
    const [high, middle, low] = triple;
    text += characters((byte(high) << 16) | (byte(middle) << 8) | byte(low), 4);
    triple = [middle + 1, low + 1, high + 1];
  }
  return text + characters(byte(63), 2);
}

/** Six bits a character, the lowest first. */
function characters(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => ALPHABET.charAt((value >> (6 * index)) & 63)).join('');
}
