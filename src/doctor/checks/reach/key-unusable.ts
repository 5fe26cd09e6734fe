import { failureCheck } from './failure-check.ts';

export const keyUnusable = failureCheck('key-unusable', {
  title: 'There is no usable key for the host, or for one on the way',
  why: 'Nobody can log in there.',
  remedy: 'name the right key in the inventory: ssh: { key: … }',
  follows: ['operator/key-file', 'operator/ssh-agent'],
  remedyFor: (_host, _failure, { inventory }) => [`name the right key in ${inventory.file}: ssh: { key: … }`],
});
