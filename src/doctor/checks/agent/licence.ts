import { explainLine } from '../../../dcv/signatures.ts';
import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { isAboutLicence } from '../../licence-signs.ts';
import { NO_ANSWER } from './causes.ts';

/** DCV has no licence: its sessions say so, or its log does and no session tells otherwise. */
export const licence = agentCheck({
  id: 'agent/licence',
  severity: 'error',
  title: 'DCV has no licence',
  why: 'Without one DCV creates no session, or shows a desktop that cannot be used.',
  remedy:
    'dcvops exec --sudo AGENT -- grep license-manager /var/log/dcv/server.log\n' +
    'dcvops exec --sudo AGENT -- dcv reload-licenses',
  symptoms: ['session'],
  follows: NO_ANSWER,
  look: ({ name, agent, system }) => {
    const licences = (agent.sessions ?? [])
      .flatMap((session) => session.licences)
      .filter(({ product, status }) => product === 'dcv' && status !== '');
    const refused = licences.find(({ status }) => !GOOD.has(status));
    if (refused === undefined && licences.length > 0) return undefined;
    // newest last; what names a cause says more than "no licence"
    const signs = agent.signatures.filter(isAboutLicence);
    const sign = signs.findLast(({ id }) => id !== 'no-licence') ?? signs.at(-1);
    if (refused === undefined && sign === undefined) return undefined;
    const explained = sign === undefined ? undefined : explainLine(sign.line, { host: name });
    return {
      seen: [
        ...(refused === undefined ? [] : [`the licence of a session is ${refused.status}`]),
        ...(explained === undefined ? [] : [explained.meaning]),
      ].join('; '),
      evidence: signs.map(({ line }) => line),
      remedy: steps(
        system.ec2
          ? 'let the instance’s role read (s3:GetObject) arn:aws:s3:::dcv-license.REGION/*'
          : undefined,
        explained?.next ?? asRoot(name, 'grep', 'license-manager', '/var/log/dcv/server.log'),
        asRoot(name, 'dcv', 'reload-licenses'),
      ),
    };
  },
});

/** A demo is a licence while it lasts. */
const GOOD = new Set(['licensed', 'demo']);
