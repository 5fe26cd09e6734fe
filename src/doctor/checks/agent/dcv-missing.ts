import { agentCheck } from '../../check.ts';
import { steps } from '../../commands.ts';

/** There is no program `dcv`. */
export const dcvMissing = agentCheck({
  id: 'agent/dcv-missing',
  severity: 'error',
  title: 'DCV is not installed',
  why: 'There is no desktop without DCV’s server on the agent.',
  remedy: 'install DCV’s server (https://www.amazondcv.com)\ndcvops doctor AGENT',
  symptoms: ['service'],
  look: ({ name, agent }) =>
    agent.dcv === undefined
      ? {
          seen: 'the host has no program dcv',
          remedy: steps('install DCV’s server (https://www.amazondcv.com)', `dcvops doctor ${name}`),
        }
      : undefined,
});
