import { stat } from 'node:fs/promises';
import type { KeyFileFacts } from '../../doctor/facts/operator.ts';
import { DcvopsError } from '../../errors.ts';
import { readKey } from '../../ssh/keys.ts';
import type { Target } from '../../ssh/target.ts';

/** A key file and the hosts that it is for. */
interface Use {
  readonly path: string;
  readonly named: boolean;
  readonly hosts: readonly string[];
}

/**
 * Reads the key files of these hops. OpenSSH's default files count only where they can be used: nobody asked for them.
 * @param inAgent the public keys that the SSH agent holds
 */
export async function readKeyFiles(
  targets: readonly Target[],
  inAgent: readonly Buffer[],
): Promise<KeyFileFacts[]> {
  const all = await Promise.all(
    usesOf(targets).map(async (use) => ({ use, facts: await read(use, inAgent) })),
  );
  return all.flatMap(({ use, facts }) => (use.named || facts.state === 'ok' ? [facts] : []));
}

function usesOf(targets: readonly Target[]): Use[] {
  const uses = new Map<string, Use>();
  for (const { name, keys } of targets) {
    for (const { path, named } of keys) {
      const known = uses.get(path) ?? { path, named, hosts: [] };
      uses.set(path, {
        path,
        named: known.named || named,
        hosts: [...new Set([...known.hosts, name])],
      });
    }
  }
  return [...uses.values()];
}

async function read({ path, hosts }: Use, inAgent: readonly Buffer[]): Promise<KeyFileFacts> {
  const file = { path, hosts: [...hosts], encrypted: false, ...(await modeOf(path)) };
  try {
    const key = await readKey(path);
    if (key.kind === 'missing') return { ...file, state: 'missing' };
    if (key.kind === 'ready') return { ...file, state: 'ok' };
    const { publicKey } = key;
    const held = publicKey !== undefined && inAgent.some((one) => one.equals(publicKey));
    return { ...file, state: 'ok', encrypted: true, inAgent: held };
  } catch (error) {
    if (!(error instanceof DcvopsError)) throw error;
    const { message: reason, hint, cause } = error;
    const state = cause === undefined ? 'not-a-key' : 'unreadable';
    return { ...file, state, reason, ...(hint === undefined ? {} : { hint }) };
  }
}

/** Permission bits in octal, "600"; nothing where there is no such file, or no such bits (Windows). */
export async function modeOf(path: string): Promise<{ readonly mode?: string }> {
  if (process.platform === 'win32') return {};
  try {
    const { mode } = await stat(path);
    return { mode: (mode & 0o7777).toString(8) };
  } catch {
    return {};
  }
}
