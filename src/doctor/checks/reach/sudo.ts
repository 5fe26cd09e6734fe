import { failureCheck } from './failure-check.ts';

export const sudo = failureCheck('sudo', {
  title: 'Root cannot be had on the host',
  why: 'What matters there (logs, sessions of others, nginx’s files) is root’s: without sudo nothing can be said, or done.',
  remedy: 'dcvops exec HOST -- sudo -n true',
  remedyFor: ({ name }) => [`dcvops exec ${name} -- sudo -n true`],
});
