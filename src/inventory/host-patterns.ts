import { matchesGlob } from './glob.ts';
import { didYouMean } from './near-match.ts';
import { type Path, showValue } from './problem.ts';
import type { InventoryFile } from './schema.ts';
import type { Complaint, Draft } from './shape.ts';
import type { Host } from './types.ts';
import { unknownHost } from './unknown-host.ts';

/* How the inventory itself names several of its hosts: by name, glob, @tag or role. */

/** Words that stand for all hosts of a role. */
export const ROLE_WORDS = { proxies: 'proxy', agents: 'agent' } as const;

/** What of a host its patterns look at; undefined where the file has a mistake. */
export type NamedHost = { readonly role: Host['role'] } & Draft<Pick<Host, 'name' | 'host' | 'tags'>>;

/** All hosts of a file, proxies first. */
export function namedHosts({ proxies = [], agents = [] }: Draft<InventoryFile>): NamedHost[] {
  return [
    ...proxies.flatMap((host) => (host === undefined ? [] : [{ ...host, role: 'proxy' as const }])),
    ...agents.flatMap((host) => (host === undefined ? [] : [{ ...host, role: 'agent' as const }])),
  ];
}

/** Does a pattern of the inventory mean this host? */
export function matchesHost(pattern: string, { role, name = '', host = '', tags = [] }: NamedHost): boolean {
  if (pattern.startsWith('@')) return tags.includes(pattern.slice(1));
  if (Object.hasOwn(ROLE_WORDS, pattern)) return ROLE_WORDS[pattern as keyof typeof ROLE_WORDS] === role;
  if (/[*?]/.test(pattern)) return matchesGlob(pattern, name) || matchesGlob(pattern, host);
  return name === pattern;
}

/**
 * The complaint about a pattern that means none of these hosts.
 * @param allowed what may stand there, before the names that there are
 */
export function noSuchHost(
  pattern: string,
  path: Path,
  hosts: readonly NamedHost[],
  allowed: string,
): Complaint {
  if (!pattern.startsWith('@')) {
    const names = hosts.flatMap(({ name }) => name ?? []);
    return unknownHost(pattern, path, names, allowed);
  }
  const tags = [...new Set(hosts.flatMap((host) => (host.tags ?? []).flatMap((tag) => tag ?? [])))];
  const near = didYouMean(pattern.slice(1), tags).replace(/(mean|or) "/g, '$1 "@');
  return {
    path,
    what: 'no host has this tag',
    found: `${showValue(pattern)}${near}`,
    allowed:
      tags.length === 0 ? 'a tag (no host has one)' : `one of ${tags.map((tag) => `@${tag}`).join(', ')}`,
  };
}
