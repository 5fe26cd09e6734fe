import { sanitiseLine } from '../report/sanitise.ts';
import type { Style } from '../report/style.ts';
import { type Column, formatTable } from '../report/table.ts';
import type { AgentStatus, HostStatus, Level, PathStatus, ProxyStatus } from './types.ts';

/** How a table is laid out. */
export interface Layout {
  readonly style: Style;
  /** Columns of the terminal; undefined: as many as it takes. */
  readonly width?: number | undefined;
  /** Cut what is still too wide when all columns that can be spared are left out? */
  readonly cut?: boolean;
}

/**
 * One line a host, in the order they are given (those with problems first), each problem with what to type next. Where there
 * is not room for everything, hosts that are fine have a table of their own, which keeps their figures. Pure; sanitised.
 */
export function formatHosts(hosts: readonly HostStatus[], layout: Layout): string {
  const isTooWide = layout.width !== undefined && widthOf(allColumns(hosts), hosts) > layout.width;
  const wrong = hosts.filter(({ level }) => level !== 'fine');
  const fine = hosts.filter(({ level }) => level === 'fine');
  const tables = isTooWide ? [wrong, fine].filter((part) => part.length > 0) : [hosts];
  return tables.map((part) => formatPart(part, layout)).join('');
}

function formatPart(hosts: readonly HostStatus[], { style, width, cut }: Layout): string {
  const columns = columnsFor(hosts, width);
  const shown = cut === true && width !== undefined ? cutToFit(columns, hosts, width) : columns;
  return formatTable(
    shown.map(({ heading, cell, paint }) => ({
      heading,
      cell,
      ...(paint === undefined ? {} : { style: (text: string, host: HostStatus) => paint(style, text, host) }),
    })),
    hosts,
  );
}

/** Cuts a text to so many columns; what is cut off is shown as "…". Pure. */
export function cutText(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

interface StatusColumn extends Omit<Column<HostStatus>, 'style'> {
  readonly paint?: (style: Style, text: string, host: HostStatus) => string;
  /** Where there is not room for everything, the column with the lowest number goes first; undefined: it stays. */
  readonly spared?: number;
}

const SIGN: Record<Level, string> = { error: '✖', warning: '!', fine: '✔' };

const paintLevel = (style: Style, text: string, { level }: HostStatus): string => {
  if (level === 'fine') return style.good(text);
  return level === 'warning' ? style.warning(text) : style.bad(text);
};

const COLUMNS: readonly StatusColumn[] = [
  { heading: '', cell: ({ level }) => SIGN[level], paint: paintLevel },
  { heading: 'HOST', cell: ({ name }) => name, paint: (style, text) => style.bold(text) },
  { heading: 'SERVICE', cell: byRole(serviceOfProxy, serviceOfAgent), spared: 8 },
  { heading: 'SERVES', cell: byRole(release, sessions), spared: 7 },
  { heading: 'CERTIFICATE', cell: byRole(certificate, () => ''), spared: 4 },
  {
    heading: 'CONNECTED',
    cell: byRole(
      ({ connections }) => told(connections),
      ({ connected }) => told(connected),
    ),
    spared: 5,
  },
  { heading: 'LOAD', cell: ({ load }) => told(load?.toFixed(2)), spared: 1 },
  { heading: 'MEMORY', cell: ({ memoryUsedPercent }) => percent(memoryUsedPercent), spared: 2 },
  {
    heading: 'DISK',
    cell: ({ disk }) => (disk === undefined ? '?' : `${disk.mount} ${percent(disk.usedPercent)}`),
    spared: 3,
  },
  { heading: 'PATH', cell: byRole(gatewayTime, pathTime), spared: 6 },
];

const PROBLEM: StatusColumn = { heading: 'PROBLEM', cell: problem, paint: paintLevel };
const NEXT: StatusColumn = { heading: 'NEXT', cell: next, paint: (style, text) => style.bold(text) };

function allColumns(hosts: readonly HostStatus[]): readonly StatusColumn[] {
  const somethingIsWrong = hosts.some(({ level }) => level !== 'fine');
  return [...COLUMNS, ...(somethingIsWrong ? [PROBLEM, NEXT] : [])];
}

/** Leaves out what can be spared, one column after another, until all lines have room. */
function columnsFor(hosts: readonly HostStatus[], width = Number.POSITIVE_INFINITY): readonly StatusColumn[] {
  let columns = allColumns(hosts);
  const toSpare = columns
    .filter(({ spared }) => spared !== undefined)
    .toSorted((one, other) => (one.spared ?? 0) - (other.spared ?? 0));
  for (const column of toSpare) {
    if (widthOf(columns, hosts) <= width) break;
    columns = columns.filter((one) => one !== column);
  }
  return columns;
}

/** A command that is cut is of no use: the problem gives way first, but not altogether. */
function cutToFit(
  columns: readonly StatusColumn[],
  hosts: readonly HostStatus[],
  width: number,
): readonly StatusColumn[] {
  const tooMuch = widthOf(columns, hosts) - width;
  if (tooMuch <= 0) return columns;
  const whole = columnWidth(PROBLEM, hosts);
  const problemWidth = Math.min(whole, Math.max(LEAST_PROBLEM_WIDTH, whole - tooMuch));
  const others = widthOf(
    columns.filter((column) => column !== PROBLEM && column !== NEXT),
    hosts,
  );
  const nextWidth = Math.max(0, width - others - GAP - problemWidth - GAP);
  const limited = (column: StatusColumn, limit: number): StatusColumn => ({
    ...column,
    heading: cutText(column.heading, limit),
    cell: (host) => cutText(sanitiseLine(column.cell(host)), limit),
  });
  return columns.map((column) => {
    if (column === PROBLEM) return limited(column, problemWidth);
    return column === NEXT ? limited(column, nextWidth) : column;
  });
}

const LEAST_PROBLEM_WIDTH = 24;
/** Between two columns of a table. */
const GAP = 2;

function widthOf(columns: readonly StatusColumn[], hosts: readonly HostStatus[]): number {
  return columns.reduce((sum, column) => sum + columnWidth(column, hosts), GAP * (columns.length - 1));
}

function columnWidth({ heading, cell }: StatusColumn, hosts: readonly HostStatus[]): number {
  return Math.max(heading.length, ...hosts.map((host) => Array.from(sanitiseLine(cell(host))).length));
}

function byRole(
  ofProxy: (host: ProxyStatus) => string,
  ofAgent: (host: AgentStatus) => string,
): (host: HostStatus) => string {
  return (host) => (host.role === 'proxy' ? ofProxy(host) : ofAgent(host));
}

function told(value: string | number | undefined): string {
  return value === undefined ? '?' : String(value);
}

function percent(value: number | undefined): string {
  return value === undefined ? '?' : `${value} %`;
}

function serviceOfProxy({ nginx }: ProxyStatus): string {
  return nginx === undefined ? '?' : `nginx ${nginx}`;
}

function serviceOfAgent({ dcvserver }: AgentStatus): string {
  return dcvserver === undefined ? '?' : `dcvserver ${dcvserver}`;
}

function release(proxy: ProxyStatus): string {
  if (proxy.release === undefined) return proxy.nginx === undefined ? '?' : 'nothing';
  if (proxy.live === undefined) return proxy.release;
  return `${proxy.release} ${proxy.live ? 'live' : 'not live'}`;
}

function sessions({ sessions: count, state }: AgentStatus): string {
  const told = count === undefined ? '?' : count === 1 ? '1 session' : `${count} sessions`;
  return `${told}${STATES[state]}`;
}

const STATES: Readonly<Record<AgentStatus['state'], string>> = {
  'in-service': '',
  draining: ', draining',
  maintenance: ', in maintenance',
};

function certificate({ certificateDays: days }: ProxyStatus): string {
  if (days === undefined) return '?';
  if (days < 0) return 'expired';
  return days === 1 ? '1 day' : `${days} days`;
}

function gatewayTime({ way, elapsedMs }: ProxyStatus): string {
  return way === 'none' || elapsedMs === undefined ? '✖' : time(elapsedMs, way);
}

/** Of several ways the slowest, for nobody chooses theirs. */
function pathTime({ paths }: AgentStatus): string {
  if (paths.length === 0) return '?';
  if (paths.some(({ ok }) => !ok)) return '✖';
  const [slowest] = paths.toSorted((one, other) => other.elapsedMs - one.elapsedMs);
  return slowest === undefined ? '?' : time(slowest.elapsedMs, slowest.way);
}

function time(elapsedMs: number, way: PathStatus['way']): string {
  return `${Math.round(elapsedMs)} ms${way === 'tunnel' ? ' (SSH)' : ''}`;
}

function problem({ problems }: HostStatus): string {
  const [first, ...more] = problems;
  if (first === undefined) return '';
  return more.length === 0 ? first.message : `${first.message} (and ${more.length} more)`;
}

/** The first step; the JSON has them all. */
function next({ problems }: HostStatus): string {
  return problems[0]?.next.split('\n')[0] ?? '';
}
