import type { Host, Inventory } from '../../inventory/types.ts';
import type { Confirm } from '../../report/ask.ts';
import type { Emit } from '../../report/events.ts';
import type { Remote } from '../../ssh/remote.ts';

/** What the operations on gateways work with. */
export interface GatewayContext {
  readonly inventory: Inventory;
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  readonly confirm: Confirm;
  /** Aborted by Ctrl-C: a change under way is undone. */
  readonly signal: AbortSignal;
  /** For locks and audit lines: "anna@laptop". */
  readonly who: string;
}
