import { failureCheck } from './failure-check.ts';

export const hostKeyUnknown = failureCheck('host-key-unknown', {
  title: 'The host’s key, or that of a host on the way, is not known',
  why: 'dcvops logs in only to hosts whose key is known: otherwise it could be anybody who answers.',
  remedy: 'dcvops trust HOST',
  follows: ['operator/known-hosts'],
  remedyFor: ({ name }) => [`dcvops trust ${name}`],
});
