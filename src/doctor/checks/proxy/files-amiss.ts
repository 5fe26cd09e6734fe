import { proxyCheck } from '../../check.ts';

/** A file of the release, beside the gateway's own, is gone or was changed. */
export const filesAmiss = proxyCheck({
  id: 'proxy/files-amiss',
  severity: 'warning',
  title: 'A file that goes with the gateway’s is missing or was changed',
  why: 'The portal answers 404, or its policy keeps the browser from running what stands in it; an agent whose pinned certificate was changed is refused.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/pending', 'proxy/not-deployed'],
  look: ({ name, proxy }) => {
    const amiss = proxy.filesAmiss ?? [];
    if (amiss.length === 0) return undefined;
    return {
      seen: amiss
        .map(({ path, isThere }) => `${path} ${isThere ? 'is not as it was deployed' : 'is missing'}`)
        .join('; '),
      remedy: `dcvops deploy ${name}`,
    };
  },
});
