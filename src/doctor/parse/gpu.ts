import type { AgentFacts } from '../facts/agent.ts';
import { linesOf } from './lines.ts';
import type { Probes } from './probes.ts';

const MAX_TEXT = 300;

/** Reads what an agent told of its graphics cards. Pure. */
export function parseGpu(probes: Probes): AgentFacts['gpu'] {
  const { text } = probes;
  const nvidia = probes.first('nvidia');
  return {
    devices: linesOf(text('graphics')).map((line) => line.replace(/^[0-9a-f:.]+ /, '')),
    nvidia:
      nvidia === undefined
        ? undefined
        : { works: nvidia.code === 0, text: linesOf(nvidia.output).join('; ').slice(0, MAX_TEXT) },
    nouveau: text('nouveau') === 'yes',
    glTest: parseGlTest(probes),
  };
}

/** dcvgldiag ends with "Test Result: SUCCESS" or "Test Result: ERROR". */
function parseGlTest({ first }: Probes): AgentFacts['gpu']['glTest'] {
  const probe = first('gl-test');
  if (probe === undefined) return undefined;
  const word = /Test Result:\s*(SUCCESS|ERROR)/i.exec(probe.output)?.[1]?.toUpperCase();
  return word === 'SUCCESS' ? 'success' : word === 'ERROR' ? 'error' : 'unclear';
}
