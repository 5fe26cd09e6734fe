import type { FactSet } from '../../../../src/doctor/facts/fleet.ts';
import type { ProxyFacts } from '../../../../src/doctor/facts/proxy.ts';
import { hostOf, step } from '../healthy.ts';
import type { SeededFault } from './seeded-fault.ts';

const AGENT1 = 'dcv_10_150_248_180';
const AGENT2 = 'dcv_10_150_248_136';

const POOL: NonNullable<ProxyFacts['pool']> = {
  isThere: true,
  asReleased: true,
  keys: [AGENT1, AGENT2],
  down: [],
};

function change(set: FactSet, changes: Partial<ProxyFacts>): void {
  Object.assign(hostOf(set, 'gateway').proxy ?? {}, changes);
}

/** What lies in the gateway's state folder. */
const files =
  (...state: string[]) =>
  (set: FactSet): void => {
    change(set, { state: ['agents.json', ...state] });
  };

const pool =
  (changes: Partial<NonNullable<ProxyFacts['pool']>>, ...state: string[]) =>
  (set: FactSet): void => {
    change(set, { state, pool: { ...POOL, ...changes } });
  };

/** What goes wrong with what a gateway is told of its agents between two deploys. */
export const MARK_FAULTS: readonly SeededFault[] = [
  {
    name: 'an agent’s state was edited in the inventory, and never reached the gateway',
    breaks(set) {
      files()(set);
      set.inventory.agents = set.inventory.agents.map((agent) =>
        agent.name === 'agent2' ? { ...agent, state: 'maintenance' } : agent,
      );
    },
    check: 'proxy/marks-differ',
    subject: 'gateway',
    seen: /^agent2 is in maintenance in the inventory, and in service here$/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'the file that takes an agent into maintenance was made by hand',
    breaks(set) {
      files(`maintenance/${AGENT2}`, `out/${AGENT2}`)(set);
      set.paths = set.paths.map((path) =>
        path.agent === 'agent2'
          ? {
              ...{ proxy: path.proxy, agent: path.agent, way: path.way },
              route: step({ ok: false, status: 503, server: 'nginx', refusal: 'maintenance' }),
              fromProxy: step(),
              fromAgent: step(),
            }
          : path,
      );
    },
    check: 'proxy/marks-differ',
    subject: 'gateway',
    seen: /^agent2 is in service in the inventory, and in maintenance here$/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'a mark was taken away by hand, and what is made of it was left',
    breaks: files(`out/${AGENT1}`),
    check: 'proxy/marks-differ',
    subject: 'gateway',
    seen: /not complete/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'an agent left the inventory while it was down',
    breaks: files('down/dcv_fd00_150__5', 'out/dcv_fd00_150__5', 'draining/dcv_10_150_248_9'),
    check: 'proxy/marks-left',
    subject: 'gateway',
    seen: /not in the inventory: 10\.150\.248\.9 and fd00:150::5$/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'the watch over the agents ended while one was down',
    breaks: files(`down/${AGENT1}`, `out/${AGENT1}`),
    check: 'proxy/down-answers',
    subject: 'gateway',
    seen: /^agent1: marked down here, and reached/,
    remedy: /^dcvops health apply gateway$/,
  },
  {
    name: 'the pool’s servers were removed',
    breaks(set) {
      pool({ isThere: false, asReleased: false, keys: [] })(set);
      change(set, {
        test: { ok: false, output: 'nginx: [emerg] open() "/etc/nginx/dcv-gateway/state/pool.conf" failed' },
      });
    },
    check: 'proxy/pool-file',
    subject: 'gateway',
    seen: /pool\.conf is missing/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'a server was added to the pool by hand',
    breaks: pool({ asReleased: false }),
    check: 'proxy/pool-file',
    subject: 'gateway',
    seen: /pool\.conf has other servers/,
    remedy: /^dcvops deploy gateway$/,
  },
  {
    name: 'the mark of a dead agent has not reached the pool, which passes another one by',
    breaks(set) {
      pool({ down: [AGENT2] }, `down/${AGENT1}`, `out/${AGENT1}`)(set);
      set.paths = set.paths.filter(({ agent }) => agent !== 'agent1');
    },
    check: 'proxy/pool-marks',
    subject: 'gateway',
    seen: /it has agent1, marked; it passes agent2 by, with no mark/,
    remedy: /^dcvops health apply gateway$/,
  },
];
