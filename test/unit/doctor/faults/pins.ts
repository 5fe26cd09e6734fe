import type { FactSet } from '../../../../src/doctor/facts/fleet.ts';
import { CERTIFICATE, hostOf, step } from '../healthy.ts';
import { ENDS_IN_NINETEEN_DAYS, EXPIRED, RENEWED } from './certificates.ts';
import type { SeededFault } from './seeded-fault.ts';

interface Certificates {
  readonly pinned: string | undefined;
  readonly served: string;
}

/** A gateway that verifies its agents, and the first of them with these certificates. */
const pins =
  ({ pinned, served }: Certificates) =>
  (set: FactSet): void => {
    set.inventory.gateway.verifyAgents = true;
    set.inventory.agents = set.inventory.agents.map((agent) => {
      const pem = agent.name === 'agent1' ? pinned : CERTIFICATE;
      return pem === undefined ? agent : { ...agent, pinned: pem };
    });
    Object.assign(hostOf(set, 'agent1').agent?.certificate ?? {}, { chain: [served] });
  };

/** nginx refuses the agent, whose own answers are fine. */
function refused(set: FactSet): void {
  set.paths = set.paths.map((path) =>
    path.agent === 'agent1'
      ? {
          ...{ proxy: path.proxy, agent: path.agent, way: path.way },
          route: step({
            ok: false,
            status: 502,
            server: 'nginx',
            refusal: 'agent',
            detail: '502 from nginx',
          }),
          fromProxy: step(),
          fromAgent: step(),
        }
      : path,
  );
}

/** What goes wrong with certificates that the gateway takes alone. */
export const PIN_FAULTS: readonly SeededFault[] = [
  {
    name: 'DCV was installed anew, and made another certificate',
    breaks(set) {
      pins({ pinned: CERTIFICATE, served: RENEWED })(set);
      refused(set);
    },
    check: 'agent/pin',
    subject: 'agent1',
    seen: /is not the certificate that is pinned$/,
    remedy: /^dcvops agent pin agent1 --replace\ndcvops deploy$/,
  },
  {
    name: 'an agent was added by hand, and nothing pinned',
    breaks: pins({ pinned: undefined, served: CERTIFICATE }),
    check: 'agent/pin',
    subject: 'agent1',
    seen: /no certificate of this agent is pinned$/,
    remedy: /^dcvops agent pin agent1\ndcvops deploy$/,
  },
  {
    name: 'the pinned certificate has ended',
    breaks(set) {
      pins({ pinned: EXPIRED, served: EXPIRED })(set);
      refused(set);
    },
    check: 'agent/pin',
    subject: 'agent1',
    seen: /which is pinned, ended on 2026-11-20$/,
    remedy: /agent1, then: dcvops agent pin agent1 --replace\ndcvops deploy$/,
  },
  {
    name: 'the pinned certificate ends within a month',
    breaks: pins({ pinned: ENDS_IN_NINETEEN_DAYS, served: ENDS_IN_NINETEEN_DAYS }),
    check: 'agent/pin-expires',
    subject: 'agent1',
    seen: /which is pinned, ends on 2026-12-20$/,
    remedy: /agent1, then: dcvops agent pin agent1 --replace\ndcvops deploy$/,
  },
];
