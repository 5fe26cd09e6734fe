import { sanitiseLine } from '../report/sanitise.ts';
import { cutText, formatHosts, type Layout } from './format.ts';
import type { FleetStatus, HostStatus, Level } from './types.ts';

/** One look of `--watch`. */
export interface Round {
  readonly status: FleetStatus;
  /** What was different when it last changed, and when that was. */
  readonly lastChange: { readonly at: Date; readonly changes: readonly string[] } | undefined;
}

/** Where a round is drawn in place. */
export interface Screen extends Layout {
  /** Lines of the terminal; undefined: as many as it takes. */
  readonly height?: number | undefined;
}

/** The time line, the table, and how many hosts there was no room for. Ends with a newline. Pure; sanitised. */
export function formatRound({ status, lastChange }: Round, screen: Screen): string {
  const { hosts } = status;
  const shown = hosts.slice(0, roomFor(hosts.length, screen.height));
  const left = hosts.slice(shown.length);
  const heading = `${clock(status.at)}  ${summary(hosts)}${describe(lastChange)}`;
  const { width = Number.POSITIVE_INFINITY, cut, style } = screen;
  const fitted = cut === true ? cutText(heading, width) : heading;
  return [
    `${style.bold(fitted)}\n`,
    formatHosts(shown, screen),
    ...(left.length === 0 ? [] : [`${style.dim(describeLeft(left))}\n`]),
  ].join('');
}

/** Lines that are no host: time, headings of two tables, what is left out, and the one that the cursor stands on. */
const OTHER_LINES = 5;

function roomFor(hosts: number, height = Number.POSITIVE_INFINITY): number {
  if (hosts <= height - OTHER_LINES + 1) return hosts;
  return Math.max(1, height - OTHER_LINES);
}

function describeLeft(left: readonly HostStatus[]): string {
  const wrong = left.filter(({ level }) => level !== 'fine').length;
  if (wrong === 0) return `… and ${left.length} more that ${left.length === 1 ? 'is' : 'are'} fine`;
  return `… and ${left.length} more, ${wrong} of them with problems`;
}

function summary(hosts: readonly HostStatus[]): string {
  const count = (level: Level): number => hosts.filter((host) => host.level === level).length;
  const parts = [
    ...counted(count('error'), 'with errors'),
    ...counted(count('warning'), 'with warnings'),
    ...counted(count('fine'), 'fine'),
  ];
  return `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}: ${parts.join(', ')}`;
}

function counted(number: number, what: string): string[] {
  return number === 0 ? [] : [`${number} ${what}`];
}

function describe(change: Round['lastChange']): string {
  if (change === undefined) return '';
  return `; ${clock(change.at).slice(11)} ${change.changes.map(sanitiseLine).join(', ')}`;
}

/** `2026-11-25 12:49:13`, local time. */
function clock(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
