import { operatorCheck } from '../../check.ts';

/** As package.json has it under `engines`. */
const OLDEST = [20, 19] as const;

export const nodeVersion = operatorCheck({
  id: 'operator/node-version',
  severity: 'note',
  title: 'Node.js is older than dcvops is tested with',
  why: 'It may work. What does not is first to be tried with a newer Node.js.',
  remedy: 'node --version\ninstall Node.js 20.19 or newer: https://nodejs.org',
  look({ operator }) {
    const [major = 0, minor = 0] = operator.node.split('.').map(Number);
    const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
    if (!isOld) return undefined;
    return {
      seen: `Node.js is ${operator.node}; dcvops wants ${OLDEST.join('.')} or newer`,
      remedy: 'node --version\ninstall Node.js 20.19 or newer: https://nodejs.org',
    };
  },
});
