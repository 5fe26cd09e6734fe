import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';

/** DCV's own test of its OpenGL found an error. */
export const glTest = agentCheck({
  id: 'agent/gl-test',
  severity: 'error',
  title: 'DCV’s test of OpenGL fails',
  why: 'Programs that draw with OpenGL crash or are slow in virtual sessions.',
  remedy: 'dcvops exec --sudo AGENT -- dcvgldiag',
  symptoms: ['desktop'],
  follows: [
    'agent/dcv-missing',
    'agent/nouveau',
    'agent/nvidia-driver',
    'agent/display-manager',
    'agent/graphical-target',
  ],
  look: ({ name, agent }) =>
    agent.gpu.glTest === 'error'
      ? { seen: 'dcvgldiag says: Test Result: ERROR', remedy: asRoot(name, 'dcvgldiag') }
      : undefined,
});
