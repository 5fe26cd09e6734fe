import { readFile } from 'node:fs/promises';
import tls from 'node:tls';

/** Where Linux distributions keep the certificates that the whole machine trusts. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Alpine
  '/etc/pki/tls/certs/ca-bundle.crt', // Red Hat, Amazon Linux
  '/etc/ssl/ca-bundle.pem', // SUSE
];

/**
 * Who this machine trusts to sign certificates, in PEM. Node trusts only its own list, which doesn't know the authority that
 * a company installed on its machines; browsers do.
 */
export async function trustedRoots(): Promise<readonly string[]> {
  const { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS } = process.env;
  const files = [...BUNDLES, SSL_CERT_FILE, NODE_EXTRA_CA_CERTS].filter((file) => file !== undefined);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const installed = texts.flatMap(
    (text) => text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [],
  );
  return [...new Set([...tls.rootCertificates, ...installed])];
}
