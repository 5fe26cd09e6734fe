import { mask } from '../../logs/mask.ts';
import type { LeftoverFacts } from '../facts/leftovers.ts';
import type { SystemFacts } from '../facts/system.ts';
import { linesOf } from './lines.ts';
import type { Probes } from './probes.ts';

/**
 * Reads what `LEFTOVERS` told of earlier attempts. Pure; what was not told, or makes no sense, is undefined or empty.
 * Units and listeners are in the facts of the system.
 */
export function parseLeftovers(
  { text }: Probes,
  { listeners }: Pick<SystemFacts, 'listeners'>,
): LeftoverFacts {
  return {
    connectionGateway: parseConnectionGateway(text('connection-gateway')),
    broker: parseBroker(text('broker')),
    sessionManagerAgent: parseSessionManagerAgent(text('session-manager-agent')),
    resolver: parseResolver(text('resolver'), listeners),
    retired: linesOf(text('retired')),
  };
}

function parseConnectionGateway(text: string | undefined): LeftoverFacts['connectionGateway'] {
  if (text === undefined) return undefined;
  const values = readSections(text);
  const listen = strings(values.get('gateway/web-listen-endpoints'));
  const older = strings(values.get('gateway/bind-addr'));
  return {
    listen: listen.length > 0 ? listen : older,
    certificate: strings(values.get('gateway/cert-file'))[0],
    key: strings(values.get('gateway/cert-key-file'))[0],
    resolver: strings(values.get('resolver/url')).map(mask)[0],
  };
}

/** Java properties: `agent-to-broker-connector-https-port = 8445`. Ports of what runs beside each other, each once. */
function parseBroker(text: string | undefined): LeftoverFacts['broker'] {
  if (text === undefined) return undefined;
  const ports = linesOf(text).flatMap((line) => {
    const port = /^\s*[a-z-]+-port\s*[=:]\s*(\d{1,5})\s*$/.exec(line)?.[1];
    return port === undefined ? [] : [Number(port)];
  });
  return { ports: [...new Set(ports)] };
}

function parseSessionManagerAgent(text: string | undefined): LeftoverFacts['sessionManagerAgent'] {
  if (text === undefined) return undefined;
  const values = readSections(text);
  const port = values.get('agent/broker_port');
  return {
    brokerHost: strings(values.get('agent/broker_host'))[0],
    brokerPort: port !== undefined && /^\d{1,5}$/.test(port) ? Number(port) : undefined,
    caFile: strings(values.get('agent/ca_file'))[0],
  };
}

/**
 * Reads what `tell_listener` told: `PORT PID COMMAND`, and the process's control group. The broker and the gateway itself
 * are no custom resolvers. Pure.
 */
export function parseResolver(
  text: string | undefined,
  listeners: SystemFacts['listeners'],
): LeftoverFacts['resolver'] {
  const [first, ...cgroup] = linesOf(text);
  const [, port, pid, command = ''] = /^(\d{1,5}) (\d{1,10}) ?(.*)$/.exec(first ?? '') ?? [];
  if (port === undefined || pid === undefined) return undefined;
  const unit = systemUnitOf(cgroup);
  if (unit !== undefined && SESSION_MANAGER_UNITS.has(unit)) return undefined;
  const listener = listeners?.find((one) => one.pid === Number(pid));
  const program = command === '' ? listener?.program : command;
  return { port: Number(port), program, pid: Number(pid), unit };
}

const SESSION_MANAGER_UNITS: ReadonlySet<string> = new Set([
  'dcv-session-manager-broker.service',
  'dcv-connection-gateway.service',
]);

/**
 * The unit of the system that a process belongs to, by its control group: `0::/system.slice/NAME.service`, or in version 1
 * `1:name=systemd:/system.slice/NAME.service`. What runs in somebody's login, or in a container, is none.
 */
function systemUnitOf(cgroup: readonly string[]): string | undefined {
  const path = cgroup.map((line) => /^(?:0::|\d+:name=systemd:)(\/.*)$/.exec(line)?.[1]).find(Boolean);
  return /\/system\.slice\/(?:[^/]+\.slice\/)*([^/]+\.service)(?:\/|$)/.exec(path ?? '')?.[1];
}

/** The values of a TOML file as they are written: `section/key`; a list over several lines is one value. */
function readSections(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = '';
  let open: string | undefined;
  for (const line of linesOf(text)) {
    const heading = /^\s*\[([\w.-]+)\]\s*(?:#.*)?$/.exec(line)?.[1];
    const [, key, value = ''] = /^\s*([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (heading !== undefined) {
      section = heading;
      open = undefined;
    } else if (key !== undefined) {
      open = `${section}/${key}`;
      values.set(open, value.replace(/^([^"'#]*)#.*$/, '$1').trim());
    } else if (open !== undefined) values.set(open, `${values.get(open) ?? ''} ${line.trim()}`);
  }
  return values;
}

/** The strings in a value: `"a"`, `['a', "b"]`. */
function strings(value: string | undefined): string[] {
  return [...(value ?? '').matchAll(/"([^"]*)"|'([^']*)'/g)].map(
    ([, double, single]) => double ?? single ?? '',
  );
}
