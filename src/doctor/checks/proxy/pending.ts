import { proxyCheck } from '../../check.ts';

/** A deploy was cut off on the host itself: it was neither kept nor undone, and nobody is at work on it. */
export const pending = proxyCheck({
  id: 'proxy/pending',
  severity: 'error',
  title: 'A deploy was left unfinished',
  why: 'The host lost power, or the deploy was killed there: the files may be of two releases.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  look: ({ name, proxy }) =>
    proxy.pending === undefined
      ? undefined
      : {
          seen: `${proxy.pending === '' ? 'a change' : proxy.pending} was neither kept nor undone`,
          remedy: `dcvops deploy ${name}`,
        },
});
