import type { Command } from 'commander';
import { DcvopsError } from '../../errors.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { HostFeeds } from '../../operations/logs/follow.ts';

/** What the commands that read logs have in common, as commander parsed it. */
export interface ReadFlags {
  readonly source?: readonly string[];
  readonly session?: string;
  readonly since?: string;
  readonly until?: string;
  readonly utc?: boolean;
}

/** Options that say which logs, and from when on. */
export function addReadOptions(command: Command): Command {
  return command
    .option(
      '--source <names>',
      'access, error, dcv, journal, session, auth, or the inventory’s own; several with commas',
      list,
    )
    .option('--session <id>', 'what is about this session, and its own logs')
    .option('--since <when>', 'from this time on, also from rotated files');
}

/** The hosts that have what is asked for. @throws DcvopsError `usage` when none has */
export async function hostFeeds(
  inventory: Inventory,
  patterns: readonly string[],
  { source, session }: Pick<ReadFlags, 'source' | 'session'>,
): Promise<HostFeeds[]> {
  const [{ selectHosts }, { SOURCES, feedsOf }] = await Promise.all([
    import('../../inventory/select.ts'),
    import('../../logs/sources.ts'),
  ]);
  const known = [...SOURCES, ...inventory.logs.map(({ name }) => name)];
  const unknown = (source ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new DcvopsError(
      'usage',
      `no log source is called ${unknown.join(', ')}; there are ${known.join(', ')}`,
    );
  }
  const choice = { sources: source, sessionId: session };
  const hosts = selectHosts(inventory, patterns)
    .map((host) => ({ host, feeds: feedsOf(host, inventory.logs, choice) }))
    .filter(({ feeds }) => feeds.length > 0);
  if (hosts.length > 0) return hosts;
  throw new DcvopsError('usage', `none of these hosts has ${(source ?? known).join(' or ')}`, {
    hint: 'access and error are proxies’, dcv and session agents’: dcvops logs --help',
  });
}

/** Microseconds since 1970. @throws DcvopsError `usage` for what is no time */
export async function readTime(
  option: string,
  text: string | undefined,
  { utc }: Pick<ReadFlags, 'utc'>,
): Promise<number | undefined> {
  if (text === undefined) return undefined;
  const { readWhen } = await import('../../logs/when.ts');
  const reading = readWhen(text, { now: new Date(), utc: utc === true });
  return understood(option, text, 'valueUs' in reading ? { value: reading.valueUs } : reading);
}

/** What a reading came to. @throws DcvopsError `usage` that says what is allowed */
export function understood<T>(
  option: string,
  text: string,
  reading: { readonly value: T } | { readonly allowed: string },
): T {
  if ('value' in reading) return reading.value;
  throw new DcvopsError(
    'usage',
    `${option} ${JSON.stringify(text)} is not understood; it has to be ${reading.allowed}`,
    {
      hint: 'dcvops logs --help',
    },
  );
}

function list(text: string): string[] {
  return text.split(',').map((word) => word.trim());
}
