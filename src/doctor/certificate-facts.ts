import { X509Certificate } from 'node:crypto';
import { fingerprintOf, isSelfSigned, nameInOneLine } from '../gateway/x509.ts';

/** A certificate of a chain, as far as the checks look at it. */
export interface ChainCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256, lower-case hex without colons. */
  readonly fingerprint: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly selfSigned: boolean;
  /** The certificate itself, for what is asked of one only. */
  readonly x509: X509Certificate;
}

/** Reads certificates in PEM, in their order; those that cannot be read are left out. Pure; never throws. */
export function readChain(pems: readonly string[]): ChainCertificate[] {
  return pems.flatMap((pem) => {
    try {
      return [describe(new X509Certificate(pem))];
    } catch {
      return [];
    }
  });
}

function describe(x509: X509Certificate): ChainCertificate {
  return {
    subject: nameInOneLine(x509.subject),
    issuer: nameInOneLine(x509.issuer),
    fingerprint: fingerprintOf(x509),
    // validToDate came with Node 22
    validFrom: new Date(x509.validFrom),
    validTo: new Date(x509.validTo),
    selfSigned: isSelfSigned(x509),
    x509,
  };
}

/** Where a certificate is in its life at `now`; `days` are whole ones, until it ends or since it ended. */
export type Age =
  | { readonly is: 'early'; readonly on: string }
  | { readonly is: 'valid'; readonly days: number; readonly on: string }
  | { readonly is: 'expired'; readonly days: number; readonly on: string };

/** Judges the dates of a certificate; `on` is the day (UTC) on which it begins or ends: `2026-12-01`. Pure. */
export function ageOf({ validFrom, validTo }: ChainCertificate, now: Date): Age {
  if (now < validFrom) return { is: 'early', on: day(validFrom) };
  const left = (validTo.getTime() - now.getTime()) / 86_400_000;
  if (left < 0) return { is: 'expired', days: Math.floor(-left), on: day(validTo) };
  return { is: 'valid', days: Math.floor(left), on: day(validTo) };
}

/**
 * The same at a moment that two clocks tell; undefined: they do not agree, so that one of them is to blame and not the
 * certificate. Pure.
 * @param now by this machine's clock
 * @param offset the host's clock minus this machine's, in seconds
 */
export function agreedAge(certificate: ChainCertificate, now: Date, offset: number): Age | undefined {
  const age = ageOf(certificate, now);
  return ageOf(certificate, new Date(now.getTime() + offset * 1000)).is === age.is ? age : undefined;
}

/** Of a chain, the certificate that ends first; undefined for an empty chain. Pure. */
export function firstToEnd(chain: readonly ChainCertificate[]): ChainCertificate | undefined {
  return chain.toSorted((one, other) => one.validTo.getTime() - other.validTo.getTime())[0];
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
