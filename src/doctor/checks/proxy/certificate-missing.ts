import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { readChain } from '../../certificate-facts.ts';
import { someOf } from '../../some-of.ts';

/** The files that gateway.tls names are not there, or hold no certificate. */
export const certificateMissing = proxyCheck({
  id: 'proxy/certificate-missing',
  severity: 'error',
  title: 'The gateway’s certificate is missing',
  why: 'nginx does not start without it, and neither a deploy nor a reload succeeds.',
  remedy: 'dcvops exec --sudo PROXY -- ls -l CERTIFICATE KEY\ndcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing'],
  look: ({ name, proxy, set }) => {
    const { certificate, key, selfSigned } = set.inventory.gateway;
    const isEmpty = proxy.certificate !== undefined && readChain(proxy.certificate.chain).length === 0;
    const missing = [
      ...(proxy.certificate === undefined ? [certificate] : []),
      ...(proxy.key === undefined ? [key] : []),
    ];
    if (missing.length === 0 && !isEmpty) return undefined;
    // the first deploy makes a self-signed one
    if (selfSigned && proxy.live === undefined) return undefined;
    const seen = [
      ...(missing.length === 0
        ? []
        : [`${someOf(missing)} ${missing.length === 1 ? 'is' : 'are'} missing or empty`]),
      ...(isEmpty ? [`${certificate} holds no certificate that can be read`] : []),
    ];
    return {
      seen: seen.join('; '),
      remedy: steps(
        asRoot(name, 'ls', '-l', certificate, key),
        selfSigned && !isEmpty
          ? `dcvops deploy --prepare-host ${name}`
          : `put certificate and key there, then: dcvops deploy ${name}`,
      ),
    };
  },
});
