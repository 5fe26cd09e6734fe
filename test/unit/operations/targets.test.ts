import { expect, it } from 'vitest';
import { POOL_FILE } from '../../../src/gateway/config/default-agents.ts';
import type { Target } from '../../../src/gateway/decide.ts';
import { type FileChange, type ProxyFacts, parseProxyFacts } from '../../../src/gateway/proxy-facts.ts';
import { LIVE_FILE } from '../../../src/gateway/release.ts';
import { keptTarget, renderedTarget } from '../../../src/operations/targets.ts';
import { agent, gatewaySettings, inventoryWith, nginxFacts, proxy } from '../gateway/inventories.ts';

const AGENTS = [agent('a', '10.150.248.1'), agent('b', '10.150.248.2'), agent('c', '10.150.248.3')];
const INVENTORY = inventoryWith(proxy(), AGENTS, gatewaySettings({ default: AGENTS }));

function facts(state: readonly string[], wanted?: readonly FileChange[]): ProxyFacts {
  return { ...parseProxyFacts([], LIVE_FILE), nginx: nginxFacts([1, 22, 1]), state, wanted };
}

function downIn({ files }: Target): string[] {
  const pool = files.find(({ path }) => path === POOL_FILE);
  if (pool?.kind !== 'write') throw new Error('no pool');
  return [...pool.content.matchAll(/^server (\S+):8443 .* down;/gm)].map((match) => match[1] ?? '');
}

// A deploy that forgets who is down sends people to a dead agent; a rollback that remembers who was keeps them off one that is well.
it('a deploy and a rollback mark in the pool who is down on the host now, and nobody else', () => {
  const marked = renderedTarget(INVENTORY, proxy(), facts(['down/dcv_10_150_248_2', 'out/dcv_10_150_248_2']));
  expect(downIn(marked)).toEqual(['10.150.248.2']);
  const unmarked = renderedTarget(INVENTORY, proxy(), facts([]));
  expect(downIn(unmarked)).toEqual([]);
  expect(marked.release).toBe(unmarked.release);

  const back = keptTarget('gateway', marked.release, facts(['maintenance/dcv_10_150_248_3'], marked.files));
  expect(downIn(back)).toEqual(['10.150.248.3']);
});
