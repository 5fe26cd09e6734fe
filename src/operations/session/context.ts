import type { Host, Inventory } from '../../inventory/types.ts';
import type { Confirm } from '../../report/ask.ts';
import type { Emit } from '../../report/events.ts';
import type { Remote } from '../../ssh/remote.ts';

/** What the operations on sessions work with. */
export interface SessionContext {
  readonly inventory: Inventory;
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  readonly confirm: Confirm;
  /** How many agents are worked on at once. */
  readonly concurrency: number;
}
