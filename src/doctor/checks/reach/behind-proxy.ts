import { failureCheck } from './failure-check.ts';

export const behindProxy = failureCheck('behind-proxy', {
  title: 'The host is reached through a proxy only',
  why: 'This machine gets no answer from it, but a proxy does: SSH has to go through that one.',
  remedy: 'add  ssh: { jump: PROXY }  to AGENT in the inventory',
  follows: ['operator/network'],
  remedyFor: ({ name }, { reachedBy }, { inventory }) => [
    `add  ssh: { jump: ${reachedBy ?? 'PROXY'} }  to ${name} in ${inventory.file}`,
    `dcvops doctor ${name}`,
  ],
});
