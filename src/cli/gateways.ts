import { hostname, userInfo } from 'node:os';
import type { Host, ProxyHost } from '../inventory/types.ts';
import type { GatewayContext } from '../operations/gateway/context.ts';
import type { Remote } from '../ssh/remote.ts';
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
        {
          inventory,
          connect: greetFirst(proxies, connect),
          emit,
          confirm: (question) => ask.confirm(question),
          signal,
          who: whoAmI(),
        },
        proxies,
      );
    },
    { onInterrupt: 'operation' },
  );
}

/**
 * Starts to connect to the first proxy, which every operation begins with: hosts take their time to answer, and the
 * operation's own code is loaded meanwhile. The connection, or what became of it, is for whoever asks first.
 */
export function greetFirst(
  [first]: readonly ProxyHost[],
  connect: (host: Host) => Promise<Remote>,
): (host: Host) => Promise<Remote> {
  if (first === undefined) return connect;
  let greeted: Promise<Remote> | undefined = connect(first);
  // told to whoever asks for it
  greeted.catch(() => undefined);
  return (host) => {
    const ready = host === first ? greeted : undefined;
    if (ready === undefined) return connect(host);
    greeted = undefined;
    return ready;
  };
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
