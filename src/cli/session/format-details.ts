import { describeViewers } from '../../dcv/session/describe-viewer.ts';
import { formatLayout } from '../../dcv/session/display-layout.ts';
import type { DcvLicence } from '../../dcv/types.ts';
import type { SessionDetails } from '../../operations/session/describe.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import type { Style } from '../../report/style.ts';

/** A session as a block of `key  value` lines; what DCV does not tell is left out. */
export function formatSessionDetails(
  agent: string,
  { session, url, viewers }: SessionDetails,
  style: Style,
): string {
  const facts: readonly (readonly [key: string, value: string | undefined])[] = [
    ['name', session.name],
    ['type', session.type],
    ['owner', session.owner],
    ['user', session.user],
    ['status', session.status],
    ['connected', connected(viewers, session.connections)],
    ['created', moment(session.createdAt)],
    ['last left', moment(session.lastDisconnectedAt)],
    ['screens', formatLayout(session.heads)],
    ['X display', session.display],
    ['X authority', session.xAuthority],
    ['file storage', session.storageRoot],
    ['licences', session.licences.map(licence).join(', ')],
    ['url', url],
  ];
  const rows = facts.flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [`  ${key.padEnd(13)}${sanitiseLine(value)}\n`],
  );
  return `${style.bold(sanitiseLine(`${agent}/${session.id}`))}\n${rows.join('')}`;
}

function connected(viewers: SessionDetails['viewers'], count: number | undefined): string | undefined {
  if (viewers !== undefined) return describeViewers(viewers);
  return count === undefined ? undefined : String(count);
}

/** In UTC, as DCV tells it. */
function moment(date: Date | undefined): string | undefined {
  return date
    ?.toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}

function licence({ product, status, expiresAt }: DcvLicence): string {
  const until = expiresAt === undefined ? '' : ` until ${expiresAt.toISOString().slice(0, 10)}`;
  return `${product} ${status}${until}`;
}
