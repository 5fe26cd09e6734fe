import { POOL_FILE } from '../../gateway/config/default-agents.ts';
import { filesOf } from '../../gateway/release.ts';
import type { ProxyFacts } from '../facts/proxy.ts';
import { linesOf } from './lines.ts';

/** Reads what `FILES_BESIDE` told; the pool's servers are state, and looked at elsewhere. Pure. @param config the gateway's file, which says what they should be */
export function parseFilesAmiss(
  told: string | undefined,
  config: string | undefined,
): ProxyFacts['filesAmiss'] {
  if (told === undefined || config === undefined) return undefined;
  const wanted = new Map(filesOf(config).map(({ path, sha256 }) => [path, sha256]));
  return linesOf(told).flatMap((line) => {
    const [, sha256 = '', path = ''] = /^(-|[0-9a-f]{64}) [ *](\/.*)$/.exec(line) ?? [];
    return path === '' || path === POOL_FILE || wanted.get(path) === sha256
      ? []
      : [{ path, isThere: sha256 !== '-' }];
  });
}
