import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';

/** Key and certificate do not belong together. */
export const keyMismatch = proxyCheck({
  id: 'proxy/key-mismatch',
  severity: 'error',
  title: 'The gateway’s key does not belong to its certificate',
  why: 'nginx goes on with what it read before; it does not start with these files.',
  remedy:
    'dcvops exec --sudo PROXY -- openssl x509 -in CERTIFICATE -noout -subject -dates\n' +
    'put the key that belongs to it into KEY, then: dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/certificate-missing'],
  look: ({ name, proxy }) => {
    const { certificate, key } = proxy;
    if (certificate === undefined || key?.pair !== false) return undefined;
    return {
      seen: `${key.path} is not the key of ${certificate.path}`,
      remedy: steps(
        asRoot(name, 'openssl', 'x509', '-in', certificate.path, '-noout', '-subject', '-dates'),
        `put the key that belongs to it into ${key.path}, then: dcvops deploy ${name}`,
      ),
    };
  },
});
