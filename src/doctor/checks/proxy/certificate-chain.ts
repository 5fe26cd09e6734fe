import { type ChainCertificate, readChain } from '../../certificate-facts.ts';
import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { sightOf } from './view.ts';

/** What OpenSSL says here when it does not find the issuer of what was served. */
const NO_ISSUER = ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'];

/**
 * The file lacks the certificates between the server's and a root. A server's certificate alone may be all there is, when
 * a company's root has signed it itself: it counts as incomplete where it names an address to fetch its issuer from, and
 * this machine does not trust it.
 */
export const certificateChain = proxyCheck({
  id: 'proxy/certificate-chain',
  severity: 'warning',
  title: 'The gateway’s certificate file lacks its chain',
  why: 'Browsers often find what is missing by themselves; native clients, scripts and other machines refuse the gateway.',
  remedy: 'put the issuer’s certificates behind the server’s in CERTIFICATE, then: dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/certificate-missing', 'proxy/certificate-expired', 'proxy/certificate-not-served'],
  look: (view) => {
    const { name, proxy } = view;
    const chain = readChain(proxy.certificate?.chain ?? []);
    const [leaf, ...others] = chain;
    const path = proxy.certificate?.path;
    if (leaf === undefined || path === undefined || leaf.selfSigned) return undefined;
    if (others.some((other) => isIssuer(other, leaf))) return undefined;
    const isUntrusted = NO_ISSUER.includes(sightOf(view)?.certificate?.chainError ?? '');
    if (others.length === 0 && !(isUntrusted && namesIssuer(leaf))) return undefined;
    return {
      seen:
        others.length === 0
          ? `${path} holds the server’s certificate only; its issuer (${leaf.issuer}) is not in it`
          : `none of the other certificates in ${path} is the issuer (${leaf.issuer}) of the first one`,
      remedy: steps(
        asRoot(name, 'openssl', 'x509', '-in', path, '-noout', '-subject', '-issuer'),
        `put the certificates of ${leaf.issuer} behind the server’s in ${path}, then: dcvops deploy ${name}`,
      ),
    };
  },
});

function isIssuer(issuer: ChainCertificate, { x509 }: ChainCertificate): boolean {
  return x509.checkIssued(issuer.x509) && x509.verify(issuer.x509.publicKey);
}

/** Certificates of public authorities tell where their issuer's is (Authority Information Access). */
function namesIssuer({ x509 }: ChainCertificate): boolean {
  return (x509.infoAccess ?? '').includes('CA Issuers');
}
