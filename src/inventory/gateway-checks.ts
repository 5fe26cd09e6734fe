import { contains, networkAround, readAgentAddress, readAgentNetwork } from './addresses.ts';
import { canonical } from './canonical.ts';
import type { Path } from './problem.ts';
import type { InventoryFile } from './schema.ts';
import type { Complaint, Draft } from './shape.ts';
import { type HostSection, namesOf } from './ssh-sections.ts';
import { unknownHost } from './unknown-host.ts';

/* What no schema can say of the `gateway` section. */

type Content = Draft<InventoryFile>;

/** All checks of the gateway's settings, and of how they fit to the agents. */
export function checkGateway(hosts: readonly HostSection[], content: Content): Complaint[] {
  return [
    ...checkAgentNetworks(hosts, content),
    ...checkDefaultForm(content),
    ...checkDefaultAgents(hosts, content),
    ...checkVerifiedPool(content),
    ...checkPoolPaths(content),
    ...checkTls(content),
  ];
}

function checkAgentNetworks(hosts: readonly HostSection[], content: Content): Complaint[] {
  const written = content.gateway?.agent_networks;
  if (written === undefined) return [];
  const networks = written.map((network) => canonical(network, readAgentNetwork));
  // a network that cannot be read may be the one that holds the agent
  if (!networks.every((network) => network !== undefined)) return [];
  return hosts.flatMap((host) => {
    const address = host.role === 'agent' ? canonical(host.host, readAgentAddress) : undefined;
    if (address === undefined || networks.some((network) => contains(network, address))) return [];
    const fitting = networkAround(address, address.includes(':') ? 64 : 24);
    return [
      {
        path: [...host.path, 'host'],
        what: 'the gateway would refuse this agent',
        allowed: `an address in gateway.agent_networks, ${networks.join(', ')} (or add ${fitting} there)`,
      },
    ];
  });
}

type WrittenDefault = NonNullable<NonNullable<Content['gateway']>['default']>;

/** One name in `gateway.default`, and where it stands; undefined for a value that has its complaint already. */
interface DefaultPlace {
  readonly name: string | undefined;
  readonly path: Path;
}

/** A record of a kind of default and its agents; undefined for a name or a list. */
function defaultRecord(written: WrittenDefault | undefined) {
  return typeof written === 'object' && !Array.isArray(written)
    ? (written as Exclude<WrittenDefault, string | readonly unknown[]>)
    : undefined;
}

function checkDefaultForm(content: Content): Complaint[] {
  const record = defaultRecord(content.gateway?.default);
  if (record === undefined || Object.hasOwn(record, 'pool') !== Object.hasOwn(record, 'redirect')) return [];
  const both = Object.hasOwn(record, 'pool');
  return [
    {
      path: ['gateway', 'default'],
      what: both ? 'both, a pool and a redirect' : 'neither a pool nor a redirect',
      allowed: '{ pool: [NAMES] } or { redirect: [NAMES] }',
    },
  ];
}

function checkDefaultAgents(hosts: readonly HostSection[], content: Content): Complaint[] {
  const places = defaultPlaces(content.gateway?.default, ['gateway', 'default']);
  const agents = namesOf(hosts.filter(({ role }) => role === 'agent'));
  return places.flatMap(({ name, path }, index) => {
    if (name === undefined) return [];
    if (!agents.includes(name)) return [unknownHost(name, path, agents, 'the name of an agent')];
    const doubled = places.slice(0, index).some((place) => place.name === name);
    return doubled ? [{ path, what: 'the same agent twice', allowed: 'each agent once' }] : [];
  });
}

function defaultPlaces(written: unknown, path: Path): DefaultPlace[] {
  if (typeof written === 'string') return [{ name: written, path }];
  if (Array.isArray(written)) return written.flatMap((one, index) => defaultPlaces(one, [...path, index]));
  if (typeof written !== 'object' || written === null) return [];
  return ['agent', 'pool', 'redirect'].flatMap((key) =>
    defaultPlaces((written as Record<string, unknown>)[key], [...path, key]),
  );
}

/** nginx compares a certificate with one name for all servers of a pool, and agents' certificates have their own. */
function checkVerifiedPool({ gateway }: Content): Complaint[] {
  if (gateway?.verify_agents !== true || gateway.default === undefined) return [];
  const record = defaultRecord(gateway.default);
  const path = ['gateway', 'default'];
  if (record !== undefined && !Object.hasOwn(record, 'pool')) return [];
  if (defaultPlaces(gateway.default, path).length < 2) return [];
  return [
    {
      path,
      what: 'a pool, while verify_agents is on',
      allowed: 'one agent, or { redirect: [NAMES] } (agents of a pool have different certificates)',
    },
  ];
}

/** A pool passes a path on as it is: which agent it goes to is not known before. */
function checkPoolPaths({ gateway, agents }: Content): Complaint[] {
  const record = defaultRecord(gateway?.default);
  const places = defaultPlaces(gateway?.default, ['gateway', 'default']);
  if ((record !== undefined && !Object.hasOwn(record, 'pool')) || places.length < 2) return [];
  return places.flatMap(({ name, path }) => {
    const webUrlPath = agents?.find((agent) => agent?.name === name)?.web_url_path ?? '/';
    if (webUrlPath === '/') return [];
    return [
      {
        path,
        what: `an agent of a pool with a web_url_path (${webUrlPath})`,
        allowed: 'agents without one, one agent alone, or { redirect: [NAMES] }',
      },
    ];
  });
}

function checkTls(content: Content): Complaint[] {
  const tls = content.gateway?.tls;
  if (typeof tls !== 'object') return [];
  const path = ['gateway', 'tls'];
  const { certificate, key } = tls;
  // a value that is there and wrong is undefined here; it has its complaint already
  const lacks = (name: 'certificate' | 'key'): boolean => !Object.hasOwn(tls, name);
  if (certificate !== undefined && certificate === key) {
    return [
      { path: [...path, 'key'], what: 'the certificate again', allowed: 'the file of its private key' },
    ];
  }
  if (lacks('certificate') === lacks('key')) return [];
  const missing = lacks('key') ? 'key' : 'certificate';
  return [
    {
      path: [...path, missing],
      at: 'key',
      what: 'missing',
      allowed: 'both, certificate and key, or none of them',
    },
  ];
}
