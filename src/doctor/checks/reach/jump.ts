import { failureCheck } from './failure-check.ts';

export const jump = failureCheck('jump', {
  title: 'The host on the way does not let us through',
  why: 'What is behind it cannot be logged in to, whatever its own state.',
  remedy: 'dcvops ssh JUMP -v',
  follows: [
    'operator/network',
    'reach/dns',
    'reach/no-answer',
    'reach/host-key',
    'reach/host-key-unknown',
    'reach/login',
    'reach/key-unusable',
  ],
  remedyFor: ({ name }, { via }, { hosts }) => {
    const hop = via.find((one) => hosts.some((host) => host.name === one));
    return [`dcvops ssh ${hop ?? name} -v`];
  },
});
