import { failureCheck } from './failure-check.ts';

export const login = failureCheck('login', {
  title: 'The host refuses the login',
  why: 'Wrong user, or a key that the host does not know: nothing can be done there, and nothing is known of it.',
  remedy: 'dcvops ssh HOST -v',
  remedyFor: ({ name }) => [`dcvops ssh ${name} -v`],
});
