import { hostname, userInfo } from 'node:os';
import type { ProxyHost } from '../inventory/types.ts';
import type { GatewayContext } from '../operations/gateway-context.ts';
import type { CliContext } from './context.ts';
import { usingFleet } from './fleet.ts';

/**
 * Lends the chosen proxies and what operations on gateways need. Ctrl-C is theirs to handle: a change that is under way
 * is undone before the connection ends.
 */
export async function usingGateways(
  context: CliContext,
  patterns: readonly string[],
  use: (gateways: GatewayContext, proxies: readonly ProxyHost[]) => Promise<void>,
): Promise<void> {
  context.finishWhoeverReads();
  await usingFleet(
    context,
    async ({ inventory, connect }) => {
      const { selectHosts } = await import('../inventory/select.ts');
      const proxies = selectHosts(inventory, patterns, 'proxy');
      const { emit, ask, signal } = context;
      await use(
        { inventory, connect, emit, confirm: (question) => ask.confirm(question), signal, who: whoAmI() },
        proxies,
      );
    },
    'operation',
  );
}

/** "anna@laptop", for locks and audit lines; spaces and line ends would break their format. */
export function whoAmI(nameOfUser = (): string => userInfo().username): string {
  return `${userName(nameOfUser)}@${hostname()}`.replaceAll(/\s+/g, '_');
}

/** In a container the user may be a number that no account has; libuv throws then. */
function userName(nameOfUser: () => string): string {
  try {
    return nameOfUser();
  } catch {
    return process.env['USER'] ?? `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
