import { agentCheck } from '../../check.ts';
import { steps } from '../../commands.ts';
import type { AgentFacts } from '../../facts/agent.ts';

/** The first build whose web client works below a path, by its release notes. */
const FIRST = { release: '2022.0', build: 12_760 } as const;

/** DCV from before the web client could be served below a path. */
export const dcvTooOld = agentCheck({
  id: 'agent/dcv-too-old',
  severity: 'warning',
  title: 'DCV is too old for a gateway with paths',
  why: 'The web client of older versions does not connect when its address has a path, as all addresses of the gateway have.',
  remedy: 'install a newer DCV (https://www.amazondcv.com)\ndcvops doctor AGENT',
  symptoms: ['service'],
  look: ({ name, agent }) =>
    agent.dcv !== undefined && isTooOld(agent.dcv)
      ? {
          seen: `${agent.dcv.text}; ${FIRST.release} (r${FIRST.build}) is needed`,
          remedy: steps('install a newer DCV (https://www.amazondcv.com)', `dcvops doctor ${name}`),
        }
      : undefined,
});

function isTooOld({ release, build }: NonNullable<AgentFacts['dcv']>): boolean {
  if (release === undefined) return false;
  const [year, minor] = numbers(release);
  const [firstYear, firstMinor] = numbers(FIRST.release);
  if (year !== firstYear) return year < firstYear;
  if (minor !== firstMinor) return minor < firstMinor;
  return build !== undefined && build < FIRST.build;
}

function numbers(release: string): readonly [number, number] {
  const [year = 0, minor = 0] = release.split('.').map(Number);
  return [year, minor];
}
