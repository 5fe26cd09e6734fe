import { pathCheck } from '../../check.ts';
import { onHost } from '../../commands.ts';

/** People notice from about here on, and what is asked is small. */
const SLOW_MS = 2_000;

export const slow = pathCheck({
  id: 'path/slow',
  severity: 'note',
  title: 'The way to the desktop is slow',
  why: 'Each of these steps takes milliseconds where nothing is short of anything.',
  remedy: 'dcvops exec AGENT -- top -bn1',
  symptoms: ['network'],
  follows: ['host/memory', 'host/out-of-memory', 'host/disk-full'],
  look({ agent, route, page, webSocket }) {
    const slowOnes = Object.entries({ route, page, WebSocket: webSocket }).flatMap(([name, step]) =>
      step?.ok === true && step.elapsedMs > SLOW_MS
        ? [`${name} ${(step.elapsedMs / 1000).toFixed(1)} s`]
        : [],
    );
    if (slowOnes.length === 0) return undefined;
    return { seen: `${agent}: ${slowOnes.join(', ')}`, remedy: onHost(agent, 'top', '-bn1') };
  },
});
