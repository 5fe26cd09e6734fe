import { failureCheck } from './failure-check.ts';

export const factsMissing = failureCheck('facts-missing', {
  title: 'The host was reached, but told nothing',
  why: 'A login shell that prints text of its own, a full disk, or a host that hangs: no check of this host was made.',
  remedy: 'dcvops exec --sudo HOST -- true',
  remedyFor: ({ name }) => [`dcvops exec --sudo ${name} -- true`],
});
