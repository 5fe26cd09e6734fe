import type { ConfChange } from '../../dcv/conf/decide-change.ts';
import type { AgentHost } from '../../inventory/types.ts';
import type { DiffEvent } from '../../report/events.ts';
import type { Remote } from '../../ssh/remote.ts';

/** An agent on which something is to be done. */
export interface ReadyAgent {
  readonly agent: AgentHost;
  readonly remote: Remote;
  readonly change: ConfChange;
  readonly diff: DiffEvent | undefined;
  readonly command: string;
}
