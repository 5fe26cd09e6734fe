import { ageOf, readChain } from '../../certificate-facts.ts';
import { proxyCheck } from '../../check.ts';
import { NOT_SERVING } from './causes.ts';
import { reloadNginx } from './fixes.ts';
import { sightOf } from './view.ts';

/** The certificate was renewed, and nginx still has the old one. */
export const certificateNotServed = proxyCheck({
  id: 'proxy/certificate-not-served',
  severity: 'warning',
  title: 'The gateway serves another certificate than the one on disk',
  why: 'A renewed certificate is of no use until nginx reads it, and the old one ends.',
  remedy: 'dcvops deploy PROXY',
  fix: 'has nginx read its files again; open desktops stay, nothing to undo',
  symptoms: ['nginx'],
  follows: [
    ...NOT_SERVING,
    'proxy/not-live',
    'proxy/pending',
    'proxy/certificate-missing',
    'proxy/key-mismatch',
  ],
  look: (view) => {
    const { name, proxy, set } = view;
    const sight = sightOf(view);
    // what is not a gateway of dcvops is told elsewhere
    if (sight?.release === undefined) return undefined;
    const [served] = readChain(sight.certificate?.chain ?? []);
    const [onDisk] = readChain(proxy.certificate?.chain ?? []);
    if (served === undefined || onDisk === undefined) return undefined;
    if (served.fingerprint === onDisk.fingerprint) return undefined;
    const age = ageOf(served, new Date(set.collectedAt));
    return {
      severity: age.is === 'expired' ? 'error' : 'warning',
      seen: `${proxy.certificate?.path ?? ''} is not what nginx serves: that one (${served.subject}) ${age.is === 'expired' ? 'ended' : 'ends'} on ${served.validTo.toISOString().slice(0, 10)}`,
      remedy: `dcvops deploy ${name}`,
      fix: reloadNginx(name),
    };
  },
});
