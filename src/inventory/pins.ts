import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DcvopsError } from '../errors.ts';
import type { Inventory } from './types.ts';

/** The folder beside the inventory that holds the agents' pinned certificates. They are public; commit them with it. */
export const PINS_FOLDER = 'agent-certificates';

/** Where an agent's pinned certificate is kept: beside the inventory, as the inventory's file was named. */
export function pinFile(inventoryFile: string, agent: string): string {
  return path.join(path.dirname(inventoryFile), PINS_FOLDER, `${agent}.pem`);
}

/**
 * The pinned certificate of an agent as PEM; undefined where none is pinned.
 * @param folder where a relative `inventoryFile` begins
 * @throws DcvopsError `inventory` for a file that is there and cannot be read
 */
export async function readPin(
  inventoryFile: string,
  agent: string,
  folder = process.cwd(),
): Promise<string | undefined> {
  const file = pinFile(inventoryFile, agent);
  try {
    return await readFile(path.resolve(folder, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DcvopsError('inventory', `the pinned certificate ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The inventory with its agents' pinned certificates, where it asks for them. */
export async function withPins(inventory: Inventory, folder?: string): Promise<Inventory> {
  if (!inventory.gateway.verifyAgents) return inventory;
  const agents = await Promise.all(
    inventory.agents.map(async (agent) => {
      const pinned = await readPin(inventory.file, agent.name, folder);
      return pinned === undefined ? agent : { ...agent, pinned };
    }),
  );
  // the default agents are the same ones
  const byName = new Map(agents.map((agent) => [agent.name, agent]));
  return {
    ...inventory,
    agents,
    gateway: {
      ...inventory.gateway,
      default: inventory.gateway.default.map((agent) => byName.get(agent.name) ?? agent),
    },
  };
}
