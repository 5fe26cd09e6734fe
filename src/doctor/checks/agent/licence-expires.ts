import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { NO_ANSWER } from './causes.ts';

const SOON_DAYS = 30;
const VERY_SOON_DAYS = 7;

/** A licence ends soon. On EC2 it is renewed by itself, so that its date says nothing there. */
export const licenceExpires = agentCheck({
  id: 'agent/licence-expires',
  severity: 'warning',
  title: 'DCV’s licence ends soon',
  why: 'After that day no session can be created. Outside of EC2 a server without a licence runs as a demo for 30 days.',
  remedy:
    'put the new licence where [license] license-file names it\n' +
    'dcvops exec --sudo AGENT -- dcv reload-licenses',
  symptoms: ['session'],
  follows: [...NO_ANSWER, 'agent/licence'],
  look: ({ name, agent, system, set }) => {
    if (system.ec2) return undefined;
    const ends = (agent.sessions ?? [])
      .flatMap(({ licences }) => licences)
      .filter(({ product }) => product === 'dcv')
      .flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [Date.parse(expiresAt)]));
    if (ends.length === 0) return undefined;
    const end = Math.min(...ends);
    const days = Math.floor((end - Date.parse(set.collectedAt)) / 86_400_000);
    if (days > SOON_DAYS) return undefined;
    return {
      severity: days <= VERY_SOON_DAYS ? 'error' : 'warning',
      seen: `the licence ${days < 0 ? 'ended' : 'ends'} on ${new Date(end).toISOString().slice(0, 10)}${days < 0 ? '' : `, in ${days} ${days === 1 ? 'day' : 'days'}`}`,
      remedy: steps(
        'put the new licence where [license] license-file names it',
        asRoot(name, 'dcv', 'reload-licenses'),
      ),
    };
  },
});
