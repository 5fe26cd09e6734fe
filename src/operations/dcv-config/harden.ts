import { hardening } from '../../dcv/conf/harden.ts';
import { AGENT_PORT } from '../../gateway/ports.ts';
import { urlOf } from '../../inventory/endpoints.ts';
import type { AgentHost, Inventory } from '../../inventory/types.ts';
import { quote } from '../../shell/shell.ts';
import { type ConfigContext, type ConfigOptions, type ConfigResult, changeConfigs } from './change.ts';

/** How long a viewer may be idle, unless something else is wanted. */
const IDLE_MINUTES = 60;

/** Sets on agents what makes them safer behind this gateway; see {@link changeConfigs}. */
export function hardenAgents(
  context: ConfigContext,
  agents: readonly AgentHost[],
  { idleMinutes, ...options }: ConfigOptions & { readonly idleMinutes: number | undefined },
): Promise<ConfigResult[]> {
  const gateways = namesOfGateway(context.inventory);
  return changeConfigs(
    context,
    agents,
    {
      wantedOn: ({ host }, conf) =>
        hardening(conf, { gateways, own: urlOf(host, AGENT_PORT), idleMinutes: idleMinutes ?? IDLE_MINUTES }),
      commandFor: ({ name }) =>
        `dcvops dcv harden ${quote(name)}${idleMinutes === undefined ? '' : ` --idle-timeout ${idleMinutes}`}`,
    },
    options,
  );
}

/** What people open, and each proxy by its address, as `dcvops check` asks several of them. */
function namesOfGateway({ gateway, proxies }: Inventory): string[] {
  const own = proxies.map(({ host }) => urlOf(host, gateway.listen.port));
  return [...new Set([...(gateway.url === undefined ? [] : [gateway.url]), ...own])];
}
