import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUTHORITY, type TestGateway, startGateway } from './gateway.ts';
import { IS_LONG } from './generated.ts';
import { isInstalled } from './network.ts';

/** One entry of what testssl.sh writes as JSON. */
interface Finding {
  readonly id: string;
  readonly severity: 'OK' | 'INFO' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL' | 'WARN' | 'FATAL';
  readonly finding: string;
}

/** What may be found, and why it is none of the configuration's weaknesses. */
const ALLOWED: Readonly<Record<string, string>> = {
  cert_chain_of_trust: 'the test’s certificate is self-signed',
  cert_revocation: 'a self-signed certificate has nobody who could revoke it',
  cert_expirationStatus: 'the test’s certificate is valid for 30 days',
  cert_notAfter: 'the test’s certificate is valid for 30 days',
  cipher_order:
    'Mozilla’s intermediate configuration leaves the choice to the client: each of the six suites is a good one',
};

/**
 * Protocols, ciphers, what is served by default, headers; of known vulnerabilities those that a configuration can open
 * (compression, renegotiation). The others are bugs of a TLS library, or need protocols or ciphers that have to be missing
 * here; for them, and for the order of ciphers, testssl.sh takes minutes.
 */
const SECTIONS = ['-p', '-s', '-S', '-h', ...(IS_LONG ? ['-P', '-U'] : ['-C', '-B', '-R'])];

let gateway: TestGateway;
beforeAll(async () => {
  if (!isInstalled('testssl')) throw new Error('Missing: testssl. Install with: apt-get install testssl.sh');
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

// An auditor finds it, or somebody else does.
it('testssl.sh finds no weakness above LOW', { timeout: 300_000 }, async () => {
  const { directory, inside } = gateway.network;
  const file = path.join(directory, 'testssl.json');
  const quiet = ['--quiet', '--color', '0', '--warnings', 'off', '--nodns', 'none', '--fast'];
  const [command, args] = inside([
    'testssl',
    ...quiet,
    ...SECTIONS,
    '--jsonfile',
    file,
    `https://${AUTHORITY}/`,
  ]);
  await once(spawn(command, args, { stdio: 'ignore' }), 'exit');

  const findings = JSON.parse(readFileSync(file, 'utf8')) as Finding[];
  const weak = findings.filter(
    ({ id, severity }) => ['MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'].includes(severity) && !(id in ALLOWED),
  );
  expect(weak).toEqual([]);
  // it got through, and looked everywhere
  const looked = [
    ...['SSLv2', 'SSLv3', 'TLS1', 'TLS1_1', 'TLS1_3'],
    ...['NULL', 'aNULL', 'EXPORT', 'LOW', '3DES_IDEA', 'AVERAGE', 'STRONG'].map(
      (list) => `cipherlist_${list}`,
    ),
    ...['cert_chain_of_trust', 'HSTS', 'secure_renego', 'CRIME_TLS', 'BREACH'],
    ...(IS_LONG ? ['cipher_order', 'heartbleed', 'LUCKY13'] : []),
  ];
  expect(findings.map(({ id }) => id)).toEqual(expect.arrayContaining(looked));
});
