import { failureCheck } from './failure-check.ts';

export const hostKey = failureCheck('host-key', {
  title: 'The host’s key is not the one that is known',
  why: 'The host was set up anew, or somebody sits in between. Nobody logs in before that is settled.',
  remedy: 'dcvops trust HOST --replace',
  // the failure's own words name the fingerprints and the command
  remedyFor: ({ name }, { hint }) => (hint === undefined ? [`dcvops trust ${name}`] : []),
});
