import { DcvopsError } from '../../errors.ts';
import { quote } from '../../shell/shell.ts';
import { nameOf } from './names.ts';
import { withoutBroker } from './dcv-conf.ts';
import type {
  GatewaySettings,
  NothingToDo,
  Restart,
  Retirable,
  RetireFacts,
  RetireOptions,
  RetirePlan,
  UnitState,
} from './types.ts';

const BROKER = 'dcv-session-manager-broker.service';
const AGENT = 'dcv-session-manager-agent.service';
const GATEWAY = 'dcv-connection-gateway.service';
const SERVER = 'dcvserver.service';

/** Services that no resolver may be: without them the host is out of reach, or the gateway or DCV is down. */
const NEEDED =
  /^(?:nginx|dcvserver|dcvsessionlauncher|sshd?|systemd-.*|dbus.*|sssd|chronyd?|docker|containerd)\.service$/;

/**
 * Decides what retiring comes to on a host. Pure.
 * @throws DcvopsError `failed` when it may not be done: somebody is connected, or it is not known what the resolver is
 */
export function planRetire(
  host: string,
  what: Retirable,
  facts: RetireFacts,
  options: RetireOptions,
  gateway: GatewaySettings,
): RetirePlan | NothingToDo {
  const units = unitsOf(host, what, facts).filter(
    ({ loaded, active, enabled }) => loaded && (active || enabled),
  );
  const conf = what === 'broker' ? confWithoutBroker(facts) : undefined;
  const restart = restartFor(conf !== undefined || isRestartDue(what, facts), facts, options);
  const wasRetired = facts.retired.some(({ name }) => name === what);
  if (units.length === 0 && conf === undefined && restart !== 'now') {
    const message = wasRetired
      ? `${nameOf(what)} is retired already`
      : `${nameOf(what)} is not there, or stopped and disabled`;
    return { kind: 'nothing', host, message: restart === 'later' ? `${message}; ${RESTART_DUE}` : message };
  }
  const plan: RetirePlan = {
    kind: 'retire',
    host,
    what,
    units,
    conf,
    restart,
    keeps: keepsOf(what, facts, conf?.edit.kept ?? [], gateway),
    warnings: warningsOf(units, facts),
    next:
      what === 'connection-gateway' && heldPort(facts) && gateway.role === 'proxy'
        ? `dcvops deploy ${quote(host)}`
        : undefined,
  };
  refuseInUse(plan, facts, options);
  return plan;
}

const RESTART_DUE = 'dcvserver reads the changed dcv.conf at its next start';

function unitsOf(host: string, what: Retirable, facts: RetireFacts): UnitState[] {
  const called = (...names: readonly string[]): UnitState[] =>
    facts.units.filter(({ unit }) => names.includes(unit));
  switch (what) {
    case 'broker':
      return called(AGENT, BROKER);
    case 'connection-gateway':
      return called(GATEWAY);
    case 'resolver':
      return resolverUnits(host, facts, called);
  }
}

/** The resolver is whatever listens where the connection gateway's configuration says: not all of that may be stopped. */
function resolverUnits(
  host: string,
  { leftovers: { resolver } }: RetireFacts,
  called: (name: string) => UnitState[],
): UnitState[] {
  if (resolver === undefined) return [];
  const { unit, port, program = 'a program', pid } = resolver;
  if (unit === undefined) {
    throw new DcvopsError(
      'failed',
      `${program} listens on TCP ${port}, and is no service of the system: only a person can say how it is stopped. Nothing changed.`,
      { host, hint: `dcvops exec --sudo ${quote(host)} -- ps -f -p ${pid ?? ''}`.trimEnd() },
    );
  }
  if (NEEDED.test(unit)) {
    throw new DcvopsError(
      'failed',
      `it is ${unit} that listens on TCP ${port}; that is needed for more than this. Nothing changed.`,
      { host, hint: `dcvops exec --sudo ${quote(host)} -- systemctl status --no-pager ${unit}` },
    );
  }
  return called(unit);
}

function confWithoutBroker({ conf, leftovers }: RetireFacts): RetirePlan['conf'] {
  if (conf === undefined) return undefined;
  const edit = withoutBroker(conf.text, leftovers.sessionManagerAgent);
  return edit.changes.length === 0 ? undefined : { before: conf, edit };
}

function isRestartDue(what: string, { retired }: RetireFacts): boolean {
  return retired.some(({ name, restartDue }) => name === what && restartDue);
}

/** A dcvserver that does not run reads dcv.conf when it is started. */
export function restartFor(changes: boolean, { units }: RetireFacts, { restart }: RetireOptions): Restart {
  const isActive = units.some(({ unit, active }) => unit === SERVER && active);
  if (!changes || !isActive) return 'not-needed';
  return restart ? 'now' : 'later';
}

function heldPort({ portHolder }: RetireFacts): boolean {
  // the kernel keeps 15 characters of a program's name
  return portHolder === 'dcv-connection-gateway'.slice(0, 15);
}

function keepsOf(
  what: Retirable,
  { leftovers }: RetireFacts,
  lines: readonly { readonly line: string; readonly why: string }[],
  { certificate, key }: GatewaySettings,
): string[] {
  const files = [leftovers.connectionGateway?.certificate, leftovers.connectionGateway?.key];
  const shared = [certificate, key].filter(
    (path) => path.startsWith('/etc/dcv-connection-gateway/') || files.includes(path),
  );
  return [
    ...(what === 'connection-gateway' && shared.length > 0
      ? [`${shared.join(' and ')}: nginx uses ${shared.length === 1 ? 'it' : 'them'}`]
      : []),
    ...lines.map(({ line, why }) => `${line.trim()}: ${why}`),
    'packages, configuration and data: nothing is removed',
  ];
}

function warningsOf(units: readonly UnitState[], { units: all, leftovers }: RetireFacts): string[] {
  const stops = (name: string): boolean => units.some(({ unit }) => unit === name);
  const gatewayRuns = all.some(({ unit, active }) => unit === GATEWAY && active);
  const resolverPort = portOf(leftovers.connectionGateway?.resolver);
  const resolverStops =
    leftovers.resolver?.unit !== undefined && stops(leftovers.resolver.unit)
      ? true
      : stops(BROKER) &&
        resolverPort !== undefined &&
        leftovers.broker?.ports.includes(resolverPort) === true;
  return [
    ...(stops(BROKER)
      ? [
          'agents whose auth-token-verifier names this broker let nobody in until it is retired there, too: dcvops retire broker AGENT',
        ]
      : []),
    ...(gatewayRuns && resolverStops
      ? [
          'the connection gateway of this host runs and asks it where sessions are: nobody gets in through that any more',
        ]
      : []),
  ];
}

function portOf(url: string | undefined): number | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
}

/** @throws DcvopsError `failed` when somebody would be cut off, and that is not allowed */
function refuseInUse(plan: RetirePlan, { clients, viewers }: RetireFacts, options: RetireOptions): void {
  if (options.endSessions) return;
  const { host, what } = plan;
  const again = `dcvops retire ${what} ${quote(host)}${plan.restart === 'now' ? ' --restart' : ''} --end-sessions`;
  const [first] = clients;
  if (what === 'connection-gateway' && first !== undefined && plan.units.some(({ active }) => active)) {
    const who =
      clients.length === 1 ? `${first} is` : `${clients.length} addresses are, ${first} among them,`;
    throw new DcvopsError('failed', `${who} connected through the connection gateway. Nothing changed.`, {
      host,
      hint: `${again}   (cuts those connections)`,
    });
  }
  refuseRestartInUse(plan, viewers, again);
}

/** @throws DcvopsError `failed` when a restart of dcvserver would end a session that somebody uses */
export function refuseRestartInUse(
  { host, restart }: { readonly host: string; readonly restart: Restart },
  viewers: number | undefined,
  again: string,
): void {
  if (restart !== 'now' || viewers === 0) return;
  const who =
    viewers === undefined
      ? 'dcv does not say whether anybody is connected'
      : `${viewers} ${viewers === 1 ? 'person is' : 'people are'} connected`;
  throw new DcvopsError('failed', `${who}, and a restart of dcvserver ends all sessions. Nothing changed.`, {
    host,
    hint: `${again}   (ends those desktops)`,
  });
}
