import { expect, it } from 'vitest';
import { useLab } from './support/lab.ts';
import { soak } from './support/soak.ts';

const AGENTS = 10;
const SECONDS = process.env['DCVOPS_TEST_LONG'] === '1' ? 300 : 30;

it(
  `follows ${AGENTS} hosts for ${SECONDS} s through rotation, cuts and reboots: every line comes, and comes once`,
  async () => {
    const lab = await useLab({ kind: 'soak', agents: AGENTS });
    const agents = lab.hosts.filter(({ role }) => role === 'agent');
    const { lost, repeated, notes, ...result } = await soak(lab, agents, SECONDS);
    expect({ lost, repeated, received: result.received }, notes.join('\n')).toEqual({
      lost: [],
      repeated: [],
      received: result.written,
    });
    expect(result.written).toBeGreaterThan(AGENTS * SECONDS * 10);
    expect(result.rotations).toBeGreaterThan(AGENTS);
    expect(result.cuts).toBeGreaterThan(3);
    expect(result.reboots).toBeGreaterThan(0);
    expect(result.peakMemory).toBeLessThan(150 * 1024 * 1024);
  },
  (SECONDS + 240) * 1000,
);
