import { failureCheck } from './failure-check.ts';

export const dns = failureCheck('dns', {
  title: 'The host’s name is unknown',
  why: 'This machine asks its name servers for the address and gets none: a wrong name, or name servers of another network.',
  remedy: 'getent hosts NAME\nor name its IP address in the inventory: host: …',
  follows: ['operator/network'],
  remedyFor: ({ address }, _failure, { inventory }) => [
    `getent hosts ${address}`,
    `or name its IP address in ${inventory.file}: host: …`,
  ],
});
