import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { fingerprintOf, isSelfSigned, nameInOneLine } from './x509.ts';

/** The certificate that a gateway showed. */
export interface ServedCertificate {
  readonly pem: string;
  /** Fingerprint, lower-case hex. */
  readonly sha256: string;
  readonly subject: string;
  readonly issuer: string;
  /** Host names and addresses that it is for. */
  readonly names: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly selfSigned: boolean;
  /** OpenSSL's word for why the chain isn't trusted (`DEPTH_ZERO_SELF_SIGNED_CERT`); undefined when it is. */
  readonly chainError: string | undefined;
  /** Is it for this host name or address, by its subjectAltName (browsers look at nothing else)? */
  readonly isFor: (hostname: string) => boolean;
}

/** What a TLS socket was shown. @throws Error when there was no certificate, which TLS servers always have */
export function servedCertificate(socket: TLSSocket): ServedCertificate {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw new Error('no certificate was shown');
  // The type says Error; it is OpenSSL's code as text.
  const chainError = socket.authorized ? undefined : String(socket.authorizationError);
  return describe(certificate, chainError);
}

function describe(certificate: X509Certificate, chainError: string | undefined): ServedCertificate {
  return {
    pem: certificate.toString(),
    sha256: fingerprintOf(certificate),
    subject: nameInOneLine(certificate.subject),
    issuer: nameInOneLine(certificate.issuer),
    names: namesIn(certificate.subjectAltName ?? ''),
    // validToDate came with Node 22.
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    selfSigned: isSelfSigned(certificate),
    chainError,
    isFor: (hostname) =>
      isIP(hostname) === 0
        ? certificate.checkHost(hostname, { subject: 'never' }) !== undefined
        : certificate.checkIP(hostname) !== undefined,
  };
}

/** `DNS:gw.example, IP Address:10.0.0.1` as a list. Quoted entries (names that hold a comma) stay as they are. */
function namesIn(subjectAltName: string): string[] {
  return subjectAltName
    .split(/, (?=[A-Za-z ]+:)/)
    .filter((entry) => entry !== '')
    .map((entry) => entry.replace(/^(?:DNS|IP Address):/, ''));
}

/** What is to be said of a certificate; `error` means that clients refuse it whatever they were told to accept. */
export interface CertificateFinding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly text: string;
}

const SOON_DAYS = 21;

/**
 * Judges a certificate for a host name. A self-signed one and one for other names are accepted (many gateways inside a
 * private network have one, and browsers let people go on) but told; one that has expired is an error.
 */
export function judgeCertificate(
  certificate: ServedCertificate,
  hostname: string,
  now = new Date(),
): CertificateFinding[] {
  return [judgeTime(certificate, now), judgeName(certificate, hostname), judgeChain(certificate)];
}

function judgeTime({ validFrom, validTo }: ServedCertificate, now: Date): CertificateFinding {
  const days = Math.floor((validTo.getTime() - now.getTime()) / 86_400_000);
  if (now < validFrom) return { level: 'error', text: `not valid before ${day(validFrom)}` };
  if (now > validTo) return { level: 'error', text: `expired on ${day(validTo)}` };
  const left = `valid until ${day(validTo)}, ${days} days`;
  return { level: days < SOON_DAYS ? 'warning' : 'ok', text: left };
}

function judgeName(certificate: ServedCertificate, hostname: string): CertificateFinding {
  if (certificate.isFor(hostname)) return { level: 'ok', text: `for ${hostname}` };
  const names = certificate.names.length === 0 ? 'no name at all' : certificate.names.join(', ');
  return { level: 'warning', text: `not for ${hostname} (for ${names}): browsers will ask` };
}

function judgeChain({ selfSigned, chainError, issuer }: ServedCertificate): CertificateFinding {
  if (chainError === undefined) return { level: 'ok', text: `trusted, from ${issuer}` };
  if (selfSigned) return { level: 'warning', text: 'self-signed: browsers will ask' };
  if (chainError === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE') {
    return {
      level: 'warning',
      text: `from ${issuer}, which this machine does not trust; or the file lacks the chain`,
    };
  }
  // Expiry is judged by its dates.
  if (chainError === 'CERT_HAS_EXPIRED' || chainError === 'CERT_NOT_YET_VALID')
    return { level: 'ok', text: `from ${issuer}` };
  return { level: 'warning', text: `from ${issuer}, which this machine does not trust (${chainError})` };
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
