import { DcvopsError } from '../../errors.ts';
import { contains } from '../../inventory/addresses.ts';
import { openInventoryText, planEdit } from '../../inventory/edit-file.ts';
import { type Edit, defaultMembers } from '../../inventory/edit.ts';
import { formatPath } from '../../inventory/problem.ts';
import type { InventoryFile } from '../../inventory/schema.ts';
import type { AgentHost, Inventory } from '../../inventory/types.ts';
import { confirmOrThrow } from '../../report/ask.ts';
import { type AgentContext, type AgentOptions, carryOutEdit } from './context.ts';

/**
 * Removes agents from the inventory, after a yes; one that is a member of a pool or a redirect leaves that as well. What
 * goes on without a deploy, and what does not, is told.
 * @throws DcvopsError `inventory` where something else names an agent, or the file can't be edited so
 */
export async function removeAgents(
  context: AgentContext,
  agents: readonly AgentHost[],
  options: AgentOptions,
): Promise<void> {
  const before = await openInventoryText(context.inventory.file);
  const names = agents.map(({ name }) => name);
  const plan = await planEdit(before, removal(before.content, names, before.file));
  if (!options.dryRun) {
    await confirmOrThrow(context.confirm, {
      text: removalQuestion(before.content, agents, before.file),
      flag: '--yes',
      refusal: new DcvopsError('failed', 'not removed. Nothing changed.', {
        hint: `dcvops agent remove ${names.join(' ')} --yes`,
      }),
    });
  }
  const inventory = await carryOutEdit(context, plan, options);
  if (inventory === undefined) return;
  for (const agent of agents) {
    context.emit({
      type: 'outcome',
      host: agent.name,
      outcome: 'done',
      message: `removed from ${inventory.file}; ${whatGoesOn(inventory, agent)}`,
      hint: 'dcvops deploy',
    });
  }
}

/**
 * The edits that take agents out. Pure.
 * @throws DcvopsError `inventory` that lists what else names them
 */
export function removal(content: InventoryFile, names: readonly string[], file: string): Edit[] {
  const members = defaultMembers(content.gateway.default);
  const leaving = members.filter((name) => names.includes(name));
  const uses = [
    ...jumpsThrough(content, names),
    ...logsOf(content, names),
    ...sessionsOf(content, names),
    ...(leaving.length > 0 && leaving.length === members.length
      ? leaving.map((name) => `gateway.default: ${name} (nobody would be left)`)
      : []),
  ];
  if (uses.length > 0) {
    throw new DcvopsError(
      'inventory',
      `${file} names ${names.join(', ')} elsewhere, too. Nothing changed.\n${uses.join('\n')}`,
      {
        hint: 'name another host there, then the same command again',
      },
    );
  }
  return [
    ...leaving.map((name) => ({ kind: 'leave-default' as const, name })),
    ...names.map((name) => ({ kind: 'remove-agent' as const, name })),
  ];
}

function jumpsThrough(content: InventoryFile, names: readonly string[]): string[] {
  const { defaults, proxies, agents = [] } = content;
  const places = [
    { path: ['defaults', 'ssh', 'jump'], jump: defaults?.ssh?.jump },
    { path: ['defaults', 'agents', 'ssh', 'jump'], jump: defaults?.agents?.ssh?.jump },
    ...proxies.map(({ ssh }, index) => ({ path: ['proxies', index, 'ssh', 'jump'], jump: ssh?.jump })),
    ...agents.flatMap(({ name, ssh }, index) =>
      names.includes(name) ? [] : [{ path: ['agents', index, 'ssh', 'jump'], jump: ssh?.jump }],
    ),
  ];
  return places.flatMap(({ path, jump }) =>
    jump !== undefined && names.includes(jump) ? [`${formatPath(path)}: ${jump}`] : [],
  );
}

function logsOf({ logs = [] }: InventoryFile, names: readonly string[]): string[] {
  return logs.flatMap(({ hosts = [] }, index) =>
    hosts
      .filter((host) => names.includes(host))
      .map((host) => `${formatPath(['logs', index, 'hosts'])}: ${host}`),
  );
}

function sessionsOf({ sessions }: InventoryFile, names: readonly string[]): string[] {
  return (sessions?.declared ?? []).flatMap(({ agents }, index) =>
    agents
      .filter((agent) => names.includes(agent))
      .map((agent) => `${formatPath(['sessions', 'declared', index, 'agents'])}: ${agent}`),
  );
}

/** What is asked before agents are removed. Pure. */
export function removalQuestion(content: InventoryFile, agents: readonly AgentHost[], file: string): string {
  const who = agents.map(({ name, host }) => `${name} (${host})`).join(', ');
  const members = defaultMembers(content.gateway.default);
  const names = agents.map(({ name }) => name);
  const leaving = members.filter((name) => names.includes(name));
  if (leaving.length === 0) return `Remove ${who} from ${file}?`;
  const staying = members.filter((name) => !names.includes(name)).join(', ');
  const which = leaving.length === agents.length ? '' : ` ${leaving.join(', ')}`;
  return `Remove ${who} from ${file}, and${which} from gateway.default (${staying} stays there)?`;
}

/**
 * What the gateway does until the next deploy, and after it. The marks on the proxies stay until then, since what is live
 * would serve an agent in maintenance again without them. Pure.
 */
export function whatGoesOn(
  { gateway }: Pick<Inventory, 'gateway'>,
  { name, host, state }: Pick<AgentHost, 'name' | 'host' | 'state'>,
): string {
  const stays = gateway.agentNetworks.some((network) => contains(network, host)) && !gateway.verifyAgents;
  if (state === 'maintenance') {
    const until = `the gateway answers 503 in its place until the next deploy`;
    return stays
      ? `${until}, which takes /${name}/ away; /${host}/ is served again then, since gateway.agent_networks holds it`
      : until;
  }
  return stays
    ? `open desktops go on. A deploy takes /${name}/ away; /${host}/ goes on, since gateway.agent_networks holds it`
    : `open desktops go on. The gateway serves it until the next deploy`;
}
