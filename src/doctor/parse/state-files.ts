import { POOL_FILE, markPool, markedInPool, poolKeys } from '../../gateway/config/default-agents.ts';
import { filesOf, isAsReleased } from '../../gateway/release.ts';
import type { ProxyFacts } from '../facts/proxy.ts';
import { linesOf } from './lines.ts';
import type { Probes } from './probes.ts';

/** Reads what `STATE_FILE_NAMES` told. Pure. @param config the gateway's file, which says what its pool should be */
export function parseStateFiles(
  { text }: Probes,
  config: string | undefined,
): Pick<ProxyFacts, 'state' | 'pool'> {
  const names = text('gateway-state');
  if (names === undefined) return {};
  const state = linesOf(names);
  if (!filesOf(config ?? '').some(({ path }) => path === POOL_FILE)) return { state };
  return { state, pool: parsePool(text('gateway-pool'), config ?? '') };
}

/** The release has the pool with no server marked. */
function parsePool(told: string | undefined, config: string): NonNullable<ProxyFacts['pool']> {
  if (told === undefined) return { isThere: false, asReleased: false, keys: [], down: [] };
  const content = told.replace(/\.$/, '');
  return {
    isThere: true,
    asReleased: isAsReleased(config, { path: POOL_FILE, content: markPool(content, new Set()) }),
    keys: poolKeys(content),
    down: markedInPool(content),
  };
}
