import { createHash } from 'node:crypto';
import { DcvopsError } from '../../errors.ts';
import { isInside } from '../../inventory/addresses.ts';
import type { AccessSettings, AgentHost, GatewaySettings } from '../../inventory/types.ts';
import { canonicalNetwork } from '../addresses.ts';
import type { NginxFacts } from '../nginx-facts.ts';
import { NOTHING, type NginxText, comment, identifier, network, nginx, sections } from '../nginx-text.ts';
import type { Action } from './actions.ts';

type Listen = GatewaySettings['listen'];

/**
 * Who may connect, for the location that every request but `/health` passes: nginx takes the first line that fits. The
 * host itself always may, whatever the lists say: a check through an SSH tunnel comes from there, and whoever is on this
 * host can reach the agents without the gateway.
 */
export function gatewayAccess({ access, listen }: Pick<GatewaySettings, 'access' | 'listen'>): NginxText {
  const { allow } = access;
  const deny = entries(access.deny);
  if (allow === 'any' && deny.length === 0) return nginx`# access.allow is "any": everyone may connect`;
  const self = hostItself(listen);
  return nginx`
    # this host itself, for checks through SSH
    ${self.map((entry) => nginx`allow ${network(entry)};`)}
    ${deny.length === 0 ? NOTHING : nginx`# the inventory's access.deny`}
    ${deny.map((entry) => nginx`deny ${network(entry)};`)}
    ${allow === 'any' ? nginx`# access.allow is "any": everyone else may connect` : onlyThese(allow, self)}
  `;
}

function onlyThese(allow: readonly string[], self: readonly string[]): NginxText {
  const others = entries(allow).filter((entry) => !self.includes(entry));
  return nginx`
    # the inventory's access.allow
    ${others.map((entry) => nginx`allow ${network(entry)};`)}
    deny all;
  `;
}

/** A connection to an address of the host's own comes from that address. */
function hostItself({ address }: Listen): string[] {
  return ['127.0.0.1', '::1', ...(address === undefined ? [] : [address])].map(canonicalNetwork);
}

/** Agents that not everyone whom the gateway lets in may reach. */
export function closedAgents(agents: readonly AgentHost[]): AgentHost[] {
  return agents.filter(({ access }) => access.allow !== 'any' || access.deny.length > 0);
}

/**
 * The refusal of whoever may not reach an agent, or claims to be this host: in the same words as at the gateway's door,
 * since the rest would tell of the agent. None where nobody can be refused so.
 */
export function shutAction(agents: readonly AgentHost[], { access }: GatewaySettings): Action[] {
  if (closedAgents(agents).length === 0 && access.realIpFrom.length === 0) return [];
  return [{ name: identifier('shut'), when: [nginx`"~^shut\|"`], answer: nginx`return 403;`, reasons: [] }];
}

/** The variable that says what is to be done with a request: `shut` where the client may not reach the agent. */
export function entryOf(agents: readonly AgentHost[], { access }: GatewaySettings): NginxText {
  return access.realIpFrom.length === 0 ? entryByLists(agents) : nginx`$dcv_admitted`;
}

function entryByLists(agents: readonly AgentHost[]): NginxText {
  return closedAgents(agents).length === 0 ? nginx`$dcv_request` : nginx`$dcv_entry`;
}

/**
 * This host may do everything, and whoever writes X-Forwarded-For could say to be it. It has to be who connects. Nothing
 * where that header counts for nothing.
 */
export function claimsOfHost(agents: readonly AgentHost[], { access, listen }: GatewaySettings): NginxText {
  if (access.realIpFrom.length === 0) return NOTHING;
  const self = nginx`
    default 0;
    ${hostItself(listen).map((entry) => nginx`${network(entry)} 1;`)}
  `;
  return nginx`
    # ---- Who is this host itself
    # By the client's address, which a load balancer may have named; and by the address that connected.
    geo $dcv_named_self {
        ${self}
    }
    geo $realip_remote_addr $dcv_is_self {
        ${self}
    }
    map "$dcv_named_self|$dcv_is_self" $dcv_admitted {
        default ${entryByLists(agents)};
        "1|0" shut;
    }
  `;
}

/**
 * The agents' own lists; nothing where no agent has any. A path without an address may end at each of the default agents,
 * so it is for those who may reach all of them.
 */
export function agentAccess(agents: readonly AgentHost[], gateway: GatewaySettings): NginxText {
  const closed = closedAgents(agents);
  if (closed.length === 0) return NOTHING;
  const closedDefaults = closedAgents(
    agents.filter(({ name }) => gateway.default.some((one) => one.name === name)),
  );
  // how a path without an address is called that is passed on, or that leads the browser to an agent's path
  const unaddressed = gateway.defaultBy === 'redirect' ? nginx`front` : nginx`ok`;
  return sections(
    nginx`
      # ---- Agents with access lists of their own
      # geo without a variable takes the client's address. To geo, the smallest network decides.
    `,
    ...distinct(closed).map(([entry, sharers]) => clientsOf(entry, sharers, gateway.listen)),
    nginx`
      # The agent that is asked for: by its address, whatever its spelling, or by its name.
      map $dcv_agent $dcv_asked {
          default $dcv_agent;
          "" $dcv_by_name;
      }
      geo $dcv_asked $dcv_closed {
          default "";
          ${closed.map((agent) => nginx`${network(agent.host)} ${entryTo(agent)};`)}
      }
    `,
    closedDefaults.length === 0 ? NOTHING : defaultEntry(closedDefaults, unaddressed),
    nginx`
      # Decided before anything else: the refusal is the same whatever the agent is doing.
      map "$dcv_request|$dcv_asked|$dcv_address_like|$dcv_closed" $dcv_entry {
          default $dcv_request;
          ${distinct(closed).map(([entry]) => nginx`"~^ok\|.*\|${entry}$" $${entry};`)}
          ${closedDefaults.length === 0 ? NOTHING : nginx`"${unaddressed}||no|" $dcv_entry_default;`}
      }
    `,
  );
}

/** @param sharers the agents with these lists; at least one */
function clientsOf(entry: NginxText, sharers: readonly AgentHost[], listen: Listen): NginxText {
  const [{ access }] = sharers as [AgentHost];
  const self = hostItself(listen);
  const listed = (list: readonly string[]): string[] =>
    [...new Set(entries(list).flatMap(inHalves))].filter((one) => !self.includes(one));
  const deny = listed(access.deny);
  const allow = access.allow === 'any' ? [] : listed(access.allow);
  // a smaller network of allow would win over the deny that holds it
  const effective = allow.filter((one) => !deny.some((other) => isInside(one, other)));
  return nginx`
    ${sharers.map((agent) => nginx`# ${comment(agent.name)}`)}
    geo $${entry} {
        default ${access.allow === 'any' ? nginx`ok` : nginx`shut`};
        # this host itself
        ${self.map((one) => nginx`${network(one)} ok;`)}
        ${effective.length === 0 ? NOTHING : nginx`# its access.allow`}
        ${effective.map((one) => nginx`${network(one)} ok;`)}
        ${deny.length === 0 ? NOTHING : nginx`# its access.deny`}
        ${deny.map((one) => nginx`${network(one)} shut;`)}
    }
  `;
}

/** A whole family in two: to geo, it would be a second "default", of which nginx warns. */
function inHalves(entry: string): readonly string[] {
  if (entry === '0.0.0.0/0') return ['0.0.0.0/1', '128.0.0.0/1'];
  return entry === '::/0' ? ['::/1', '8000::/1'] : [entry];
}

/** So many variables are put together at a time: nginx takes 4096 characters. */
const AT_A_TIME = 100;

/** `ok` where all of the lists let the client in. */
function defaultEntry(closed: readonly AgentHost[], unaddressed: NginxText): NginxText {
  const all = distinct(closed).map(([entry]) => nginx`$${entry}`);
  const groups = Array.from({ length: Math.ceil(all.length / AT_A_TIME) }, (_, index) =>
    all.slice(index * AT_A_TIME, (index + 1) * AT_A_TIME),
  );
  const folded = groups.length > 1;
  const parts = groups.map((_, index) => nginx`$dcv_e_default_${index + 1}`);
  return nginx`
    # Paths without an address are for those who may reach every default agent.
    ${
      folded
        ? groups.map(
            (group, index) => nginx`
              map "${group}" ${parts[index] ?? NOTHING} {
                  default shut;
                  "~^ok(?: ok)*$" ok;
              }
            `,
          )
        : NOTHING
    }
    map "${folded ? parts : all}" $dcv_entry_default {
        default shut;
        "~^ok(?: ok)*$" ${unaddressed};
    }
  `;
}

/** The agents by their lists: each list once, under its name, in the order of the agents. */
function distinct(closed: readonly AgentHost[]): [NginxText, AgentHost[]][] {
  const byName = new Map<string, [NginxText, AgentHost[]]>();
  for (const agent of closed) {
    const name = entryTo(agent);
    const [, sharers] = byName.get(name.toString()) ?? [name, []];
    byName.set(name.toString(), [name, [...sharers, agent]]);
  }
  return [...byName.values()];
}

/**
 * The name of an agent's lists, made from what they hold. Short, whatever the agent's address: nginx keeps the names of
 * variables in buckets of 64 bytes, and refuses a configuration with one that is too long.
 */
function entryTo({ access }: AgentHost): NginxText {
  const allow = access.allow === 'any' ? access.allow : entries(access.allow);
  const lists = JSON.stringify([allow, entries(access.deny)]);
  return identifier(`dcv_e_${createHash('sha256').update(lists).digest('hex').slice(0, 8)}`);
}

/**
 * Whose X-Forwarded-For is believed: the client is the last address in it that is none of these.
 * @throws DcvopsError `failed` where this nginx can't
 */
export function realIp({ realIpFrom }: AccessSettings, { modules }: NginxFacts): NginxText {
  if (realIpFrom.length === 0) return NOTHING;
  if (!modules.realip) {
    throw new DcvopsError(
      'failed',
      'this nginx was built without http_realip_module, which gateway.access.real_ip_from needs.',
      { hint: 'install nginx from the distribution or from nginx.org, which have it, then dcvops deploy' },
    );
  }
  return nginx`
    # Load balancers in front: the client is the last address of X-Forwarded-For that is none of theirs.
    ${entries(realIpFrom).map((entry) => nginx`set_real_ip_from ${network(entry)};`)}
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
  `;
}

function entries(list: readonly string[]): string[] {
  return [...new Set(list.map(canonicalNetwork))].sort();
}
