import { sh } from '../../../shell/shell.ts';
import { type Sighting, operatorCheck } from '../../check.ts';
import type { FactSet } from '../../facts/fleet.ts';
import type { OperatorFacts } from '../../facts/operator.ts';
import { someOf } from '../../some-of.ts';

export const knownHosts = operatorCheck({
  id: 'operator/known-hosts',
  severity: 'error',
  title: 'Hosts are not in known_hosts',
  why: 'dcvops logs in only to hosts whose key is known: otherwise it could be anybody who answers.',
  remedy: 'dcvops trust HOST',
  symptoms: ['network'],
  look(set) {
    const asked = new Set(set.hosts.flatMap(({ name, reach }) => [name, ...reach.via]));
    return set.operator.knownHosts.flatMap((file) =>
      file.state === 'unreadable' ? [unreadable(file)] : missing(file, asked, set),
    );
  },
});

type FileFacts = OperatorFacts['knownHosts'][number];

function unreadable({ path }: FileFacts): Sighting {
  return { seen: `${path} cannot be read, so that no host is known`, remedy: String(sh`ls -ld ${path}`) };
}

/** A host that nobody asked for now is no matter; the hops to one are. */
function missing({ path, unknown }: FileFacts, asked: ReadonlySet<string>, set: FactSet): Sighting[] {
  const names = unknown.filter((name) => asked.has(name));
  if (names.length === 0) return [];
  const targets = [...new Set(names.flatMap((name) => trustedWith(name, set)))];
  return [
    {
      seen: `${path} has no key of ${someOf(names)}`,
      remedy: ['dcvops trust', ...(isEverybody(targets, set) ? [] : targets)].join(' '),
      involves: names,
    },
  ];
}

/** A hop that only ssh_config names is no name for a command: it is trusted with the hosts behind it. */
function trustedWith(name: string, { inventory, hosts }: FactSet): string[] {
  const isNamed = [...inventory.proxies, ...inventory.agents, ...hosts].some((host) => host.name === name);
  return isNamed ? [name] : hosts.filter(({ reach }) => reach.via.includes(name)).map((host) => host.name);
}

/** Without a name `dcvops trust` means all. */
function isEverybody(names: readonly string[], { inventory }: FactSet): boolean {
  return [...inventory.proxies, ...inventory.agents].every(({ name }) => names.includes(name));
}
