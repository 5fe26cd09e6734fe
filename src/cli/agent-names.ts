import type { Inventory } from '../inventory/types.ts';

/** Tells an agent's name by its address; undefined for an address that the inventory does not name. */
export function agentNames({ agents }: Pick<Inventory, 'agents'>): (address: string) => string | undefined {
  const names = new Map(agents.map(({ host, name }) => [host, name]));
  return (address) => names.get(address);
}
