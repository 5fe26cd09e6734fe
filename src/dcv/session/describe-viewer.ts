import { sanitiseLine } from '../../report/sanitise.ts';
import type { DcvConnection } from '../types.ts';

/** Where a viewer is: the address that a gateway forwarded for, where DCV tells it; without the port. '' is unknown. */
export function viewerAddress({
  address,
  forwardedFor,
}: Pick<DcvConnection, 'address' | 'forwardedFor'>): string {
  return forwardedFor ?? address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/** "jane from 10.213.0.9", safe to print. */
export function describeViewer(connection: DcvConnection): string {
  const from = viewerAddress(connection);
  return sanitiseLine(from === '' ? connection.username : `${connection.username} from ${from}`);
}

/** "1 person connected (jane from 10.213.0.9)", "2 people connected (…)", "nobody connected". */
export function describeViewers(connections: readonly DcvConnection[]): string {
  if (connections.length === 0) return 'nobody connected';
  const count = connections.length === 1 ? '1 person' : `${connections.length} people`;
  return `${count} connected (${connections.map(describeViewer).join(', ')})`;
}
