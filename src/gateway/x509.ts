import type { X509Certificate } from 'node:crypto';

/** SHA-256 of a certificate, as lower-case hex. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Did it issue itself, by its names and by its signature? */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

/** A subject or an issuer in one line. It may be missing altogether, whatever the type says. */
export function nameInOneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ');
}
