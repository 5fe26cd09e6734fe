import { proxyCheck } from '../../check.ts';

/** Somebody changed the gateway's file by hand. */
export const edited = proxyCheck({
  id: 'proxy/edited',
  severity: 'warning',
  title: 'The gateway’s file was edited by hand',
  why: 'The next deploy asks before it overwrites the change. What is to stay belongs into the inventory.',
  remedy: 'dcvops deploy --dry-run PROXY\ndcvops deploy --force PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/pending'],
  look: ({ name, proxy }) =>
    proxy.live?.edited === true
      ? {
          seen: `${proxy.live.path} was edited by hand since release ${proxy.live.releaseId ?? ''} was deployed`,
          remedy: `dcvops deploy --dry-run ${name}\ndcvops deploy --force ${name}`,
        }
      : undefined,
});
