import { X509Certificate } from 'node:crypto';
import { DcvopsError } from '../errors.ts';
import { fingerprintOf, isSelfSigned, nameInOneLine } from './x509.ts';

/** What nginx needs of an agent's certificate to take that one and no other. */
export interface Pin {
  /** The certificate alone, without what follows it in the agent's file. */
  readonly pem: string;
  /** Fingerprint, lower-case hex. */
  readonly sha256: string;
  /** A name that the certificate is for. nginx compares names only, never addresses. */
  readonly name: string;
  readonly validTo: Date;
}

/**
 * Reads the first certificate of a PEM text as a pin.
 * @throws DcvopsError `failed` for a text without a certificate, one that nginx has no name to compare with, and one
 * that somebody else issued: nginx trusts it only together with its issuer, and then every other one of that issuer
 */
export function readPinnable(pem: string, agent: string): Pin {
  const certificate = firstCertificate(pem);
  if (certificate === undefined) {
    throw new DcvopsError('failed', 'there is no certificate in it', { host: agent });
  }
  if (!isSelfSigned(certificate)) {
    throw new DcvopsError(
      'failed',
      `its certificate is issued by ${nameInOneLine(certificate.issuer)}; only self-signed ones, as DCV makes them, can be pinned`,
      {
        host: agent,
        hint: 'leave verify_agents off, or let DCV make its own: move /etc/dcv/dcv.pem and dcv.key aside',
      },
    );
  }
  const name = nameOf(certificate);
  if (name === undefined) {
    throw new DcvopsError(
      'failed',
      'its certificate has no name that nginx could compare (no DNS name, no CN)',
      {
        host: agent,
      },
    );
  }
  return {
    pem: certificate.toString(),
    sha256: fingerprintOf(certificate),
    name,
    // validToDate came with Node 22
    validTo: new Date(certificate.validTo),
  };
}

function firstCertificate(pem: string): X509Certificate | undefined {
  const [first] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
  if (first === undefined) return undefined;
  try {
    return new X509Certificate(first);
  } catch {
    return undefined;
  }
}

/** As OpenSSL's X509_check_host looks: DNS names; the CN where there is none of them. A wildcard stands for any label. */
function nameOf(certificate: X509Certificate): string | undefined {
  const names = [
    ...(certificate.subjectAltName ?? '').matchAll(/(?:^|, )DNS:([A-Za-z0-9*._-]+)(?=,|$)/g),
  ].map(([, name = '']) => name);
  const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1];
  const candidates = names.length > 0 ? names : commonName === undefined ? [] : [commonName];
  return candidates
    .map((name) => name.replace(/^\*/, 'pinned'))
    .find((name) => /^[A-Za-z0-9._-]+$/.test(name));
}
