import { withAnyMark } from '../../../gateway/agent-marks.ts';
import { proxyCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';
import { nameOfKey } from './marks.ts';

/** The pool follows the marks by a reload, which waits for its time; whoever should have made it may be gone. */
export const poolMarks = proxyCheck({
  id: 'proxy/pool-marks',
  severity: 'note',
  title: 'The pool does not follow the agents’ marks',
  why: 'nginx itself passes a dead agent by, but the first to ask it wait; one that is back gets nobody.',
  remedy: 'dcvops health apply PROXY',
  symptoms: ['nginx'],
  follows: [
    'proxy/pool-file',
    'proxy/marks-differ',
    'proxy/down-answers',
    'proxy/pending',
    'proxy/not-deployed',
  ],
  look: ({ name, proxy: { pool, state }, set }) => {
    if (pool?.asReleased !== true || state === undefined) return undefined;
    const marked = withAnyMark(state);
    const wanted = pool.keys.filter((key) => marked.has(key));
    // a pool of which all are marked has none marked
    const shallPass = wanted.length === pool.keys.length ? [] : wanted;
    const late = shallPass.filter((key) => !pool.down.includes(key));
    const early = pool.down.filter((key) => !shallPass.includes(key));
    if (late.length === 0 && early.length === 0) return undefined;
    const names = (keys: readonly string[]): string => someOf(keys.map((key) => nameOfKey(set, key)));
    return {
      seen: [
        ...(late.length === 0 ? [] : [`it has ${names(late)}, marked`]),
        ...(early.length === 0 ? [] : [`it passes ${names(early)} by, with no mark`]),
      ].join('; '),
      remedy: `dcvops health apply ${name}`,
    };
  },
});
