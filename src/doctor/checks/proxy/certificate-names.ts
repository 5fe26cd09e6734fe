import { isIP } from 'node:net';
import type { X509Certificate } from 'node:crypto';
import { readChain } from '../../certificate-facts.ts';
import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { type ProxyView, sightOf } from './view.ts';

/** The certificate is for other names than people open. Of a self-signed one browsers warn whatever its names are. */
export const certificateNames = proxyCheck({
  id: 'proxy/certificate-names',
  severity: 'warning',
  title: 'The gateway’s certificate is for other names',
  why: 'Browsers warn everybody, and people learn to click warnings away.',
  remedy: 'dcvops exec --sudo PROXY -- openssl x509 -in CERTIFICATE -noout -subject -ext subjectAltName',
  symptoms: ['nginx'],
  follows: ['proxy/certificate-missing', 'proxy/certificate-not-served'],
  look: (view) => {
    const { name, proxy, set } = view;
    const [leaf] = readChain(proxy.certificate?.chain ?? []);
    const hostname = nameOf(view);
    if (leaf === undefined || leaf.selfSigned || hostname === undefined) return undefined;
    if (isFor(leaf.x509, hostname)) return undefined;
    const path = proxy.certificate?.path ?? set.inventory.gateway.certificate;
    return {
      seen: `${path} is not for ${hostname}, but for ${leaf.x509.subjectAltName ?? 'no name at all'}`,
      remedy: steps(
        asRoot(name, 'openssl', 'x509', '-in', path, '-noout', '-subject', '-ext', 'subjectAltName'),
        `get a certificate for ${hostname}, or set gateway.url in ${set.inventory.file} to a name that it is for`,
        `dcvops deploy ${name}`,
      ),
    };
  },
});

/** What people open, without the brackets that an address has in a URL. */
function nameOf(view: ProxyView): string | undefined {
  const { set, host } = view;
  const url = sightOf(view)?.url ?? set.inventory.gateway.url;
  if (url === undefined) return host.address;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : undefined;
}

/** By its subjectAltName: browsers look at nothing else. */
function isFor(certificate: X509Certificate, hostname: string): boolean {
  return isIP(hostname) === 0
    ? certificate.checkHost(hostname, { subject: 'never' }) !== undefined
    : certificate.checkIP(hostname) !== undefined;
}
