import { type Age, agreedAge, firstToEnd, readChain } from '../../certificate-facts.ts';
import { type Severity, proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';

const SOON_DAYS = 30;
const VERY_SOON_DAYS = 7;

/** The dates of the certificate on disk, and of those that it is signed with: the first one that ends counts. */
export const certificateExpired = proxyCheck({
  id: 'proxy/certificate-expired',
  severity: 'error',
  title: 'The gateway’s certificate is out of date, or will be soon',
  why: 'Browsers and native clients refuse a gateway whose certificate has expired.',
  remedy:
    'renew CERTIFICATE on PROXY, then: dcvops deploy PROXY\n' +
    'dcvops exec --sudo PROXY -- openssl x509 -in CERTIFICATE -noout -subject -dates',
  symptoms: ['nginx'],
  follows: ['proxy/certificate-missing'],
  look: ({ name, proxy, system, set }) => {
    const first = firstToEnd(readChain(proxy.certificate?.chain ?? []));
    if (first === undefined || proxy.certificate === undefined) return undefined;
    const age = agreedAge(first, new Date(set.collectedAt), system.clock.offset);
    if (age === undefined || (age.is === 'valid' && age.days > SOON_DAYS)) return undefined;
    const { path } = proxy.certificate;
    return {
      severity: severityOf(age),
      seen: `${path} (${first.subject}) ${describe(age)}`,
      remedy: steps(
        asRoot(name, 'openssl', 'x509', '-in', path, '-noout', '-subject', '-issuer', '-dates'),
        set.inventory.gateway.selfSigned
          ? `${asRoot(name, 'mv', path, `${path}.old`)}\ndcvops deploy --prepare-host ${name}`
          : `renew ${path}, then: dcvops deploy ${name}`,
      ),
    };
  },
});

function severityOf(age: Age): Severity {
  return age.is === 'valid' && age.days > VERY_SOON_DAYS ? 'warning' : 'error';
}

function describe(age: Age): string {
  switch (age.is) {
    case 'early':
      return `is not valid before ${age.on}`;
    case 'valid':
      return `ends on ${age.on}, in ${age.days} ${age.days === 1 ? 'day' : 'days'}`;
    case 'expired':
      return `ended on ${age.on}`;
  }
}
