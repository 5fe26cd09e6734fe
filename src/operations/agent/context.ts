import { type PlannedEdit, planEdit, writeEdit, openInventoryText } from '../../inventory/edit-file.ts';
import type { Edit } from '../../inventory/edit.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { DiffEvent } from '../../report/events.ts';
import { unifiedDiff } from '../../report/unified-diff.ts';
import type { GatewayContext } from '../gateway/context.ts';

/** What the commands work with that change the inventory's agents. */
export interface AgentContext extends GatewayContext {
  /** Who may sign the gateway's certificate, in PEM. */
  readonly roots: () => Promise<readonly string[]>;
}

export interface AgentOptions {
  /** Shows what would become of the inventory, and changes nothing. */
  readonly dryRun: boolean;
}

/** Plans edits of the inventory's file. @throws DcvopsError as `planEdit` */
export async function planInventory(
  { inventory }: GatewayContext,
  edits: readonly Edit[],
): Promise<PlannedEdit> {
  return planEdit(await openInventoryText(inventory.file), edits);
}

/** Writes a planned edit, or shows it in a dry run. @returns the inventory as it is afterwards; undefined in a dry run */
export async function carryOutEdit(
  context: GatewayContext,
  plan: PlannedEdit,
  { dryRun }: AgentOptions,
): Promise<Inventory | undefined> {
  if (dryRun) {
    context.emit(diffOfEdit(plan));
    context.emit({ type: 'note', level: 'info', message: 'dry run. Nothing changed.' });
    return undefined;
  }
  if (plan.text !== plan.before.text) await writeEdit(plan);
  return plan.inventory;
}

/** What an edit does to the file, as a unified diff. Pure. */
export function diffOfEdit({ before, text }: PlannedEdit): DiffEvent {
  return {
    type: 'diff',
    host: 'here',
    path: before.file,
    modeBefore: before.mode,
    modeAfter: before.mode,
    diff: unifiedDiff([before.file, before.text], [before.file, text]),
  };
}
