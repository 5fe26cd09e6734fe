import { agentCheck } from '../../check.ts';
import { flag } from '../../conf.ts';
import { unsetAndRestart } from '../../dcv-settings.ts';

/** QUIC is on; nginx cannot pass it on. */
export const quic = agentCheck({
  id: 'agent/quic',
  severity: 'note',
  title: 'DCV listens for QUIC, too',
  why: 'No nginx gateway passes QUIC on: viewers that try it first lose a moment. Who connects past the gateway may want it.',
  remedy:
    'dcvops dcv config unset AGENT connectivity/enable-quic-frontend --restart\ndcvops session create AGENT',
  follows: ['agent/dcv-missing'],
  look: ({ name, agent, set }) =>
    flag(agent.conf, 'connectivity/enable-quic-frontend')
      ? {
          seen: 'dcv.conf sets enable-quic-frontend=true',
          remedy: unsetAndRestart(name, 'connectivity/enable-quic-frontend', set),
        }
      : undefined,
});
