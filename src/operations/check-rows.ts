import { PATTERNS, showSettings } from '../doctor/dcv-settings.ts';
import { agentService, proxyService } from '../doctor/service/typed.ts';
import { type ServedCertificate, judgeCertificate } from '../gateway/certificate.ts';
import type {
  GatewayRefusal,
  HealthAnswer,
  Http2Answer,
  HttpAnswer,
  Probe,
  WebSocketAnswer,
} from '../gateway/probe.ts';
import type { AgentHost } from '../inventory/types.ts';

/** One line of the connection test. */
export interface CheckRow {
  /** "health", "agent agent1", … */
  readonly name: string;
  readonly ok: boolean;
  /** What was seen, in a few words. */
  readonly detail: string;
  /** How long the answer took; undefined where nothing was asked. */
  readonly elapsedMs: number | undefined;
  /** The next command to type, for a row that failed. */
  readonly hint: string | undefined;
}

/* What each probe's answer means. Pure. */

export function healthRow(answer: HealthAnswer & { readonly elapsedMs: number }): CheckRow {
  const row = start('health', answer);
  if (answer.status !== 200 || answer.release === undefined) {
    return row.failed(`something else than a gateway of dcvops answers (${answer.status})`, 'dcvops deploy');
  }
  return row.ok(`release ${answer.release}, ${answer.tlsVersion}`);
}

/** Neither this machine nor the proxy itself gets an answer. */
export function outOfReachRow(
  proxy: string,
  fromHere: string,
  throughSsh: { readonly message: string; readonly hint: string | undefined },
): CheckRow {
  return {
    name: 'health',
    ok: false,
    detail: `no answer from here (${fromHere}), nor through SSH (${throughSsh.message})`,
    elapsedMs: undefined,
    hint: throughSsh.hint ?? proxyService('status', proxy),
  };
}

export function certificateRow(certificate: ServedCertificate, hostname: string, now = new Date()): CheckRow {
  const findings = judgeCertificate(certificate, hostname, now);
  const detail = findings.map(({ text }) => text).join('; ');
  const failed = findings.some(({ level }) => level === 'error');
  return {
    name: 'certificate',
    ok: !failed,
    detail,
    elapsedMs: undefined,
    hint: failed ? 'renew the files that gateway.tls names, then: dcvops deploy' : undefined,
  };
}

export function http2Row(answer: Probe<Http2Answer>): CheckRow {
  const row = start('http/2', answer);
  if (!answer.answered) return row.failed(answer.reason);
  if (!answer.offered) {
    return row.failed('not offered: something between here and the gateway speaks HTTP/1.1 only');
  }
  return answer.status === 200 ? row.ok('200') : row.failed(`status ${answer.status ?? 'missing'}`);
}

export function agentRow(agent: AgentHost, answer: Probe<HttpAnswer>): CheckRow {
  const row = start(`agent ${agent.name}`, answer);
  if (agent.state === 'maintenance' && answer.answered) {
    return answer.refusal?.stage === 'maintenance'
      ? row.ok('503: in maintenance, as the inventory says')
      : row.failed(`${answer.status}, though the inventory has it in maintenance`, 'dcvops deploy');
  }
  return routeRow(row, answer, [agent.name]);
}

/** What answers a path without an address: a default agent, or a plain refusal where the inventory has none. */
export function defaultRow(defaults: readonly AgentHost[], answer: Probe<HttpAnswer>): CheckRow {
  const row = start('default route', answer);
  if (defaults.length > 0)
    return routeRow(
      row,
      answer,
      defaults.map((agent) => agent.name),
    );
  if (!answer.answered) return row.failed(answer.reason);
  return answer.refusal?.stage === 'nodefault'
    ? row.ok('none, as gateway.default says')
    : row.failed(`answered with ${answer.status}, though gateway.default is empty`, 'dcvops deploy');
}

/** What answers `/` where it leads browsers to the path of one of these agents. */
export function redirectRow(agents: readonly AgentHost[], answer: Probe<HttpAnswer>): CheckRow {
  const row = start('default route', answer);
  if (!answer.answered) return row.failed(answer.reason);
  const names = agents.map(({ name }) => name);
  if (answer.refusal !== undefined) return row.refused(answer.status, answer.refusal, names);
  const chosen = agents.find(({ host }) => answer.location?.startsWith(`/${host}/`));
  return chosen === undefined
    ? row.failed(`${answer.status}, which leads to none of ${names.join(', ')}`, 'dcvops deploy')
    : row.ok(`leads to ${chosen.name}`);
}

function routeRow(row: RowStart, answer: Probe<HttpAnswer>, names: readonly string[]): CheckRow {
  if (!answer.answered) return row.failed(answer.reason);
  if (answer.refusal !== undefined) return row.refused(answer.status, answer.refusal, names);
  if (answer.server !== 'dcv') {
    return row.failed(`${answer.status} from ${answer.server ?? 'an unnamed server'}, which is not DCV`);
  }
  if (answer.status === 403) {
    return row.failed(
      '403 from DCV: it does not take this host name (allowed-http-host-regex)',
      names.map(showPatterns).join('\n'),
    );
  }
  if (answer.status === 404) {
    return row.failed(
      '404 from DCV: it serves its pages below another path than the inventory’s web_url_path',
      names.map((name) => showSettings(name, 'connectivity/web-url-path')).join('\n'),
    );
  }
  return answer.status < 400 ? row.ok(`${answer.status} from DCV`) : row.failed(`${answer.status} from DCV`);
}

export function webSocketRow(agent: AgentHost, answer: Probe<WebSocketAnswer>): CheckRow {
  const row = start(`websocket ${agent.name}`, answer);
  if (!answer.answered) return row.failed(answer.reason);
  if (answer.refusal !== undefined) return row.refused(answer.status, answer.refusal, [agent.name]);
  if (answer.status === 101) {
    return answer.subprotocol === 'dcv'
      ? row.ok('open, subprotocol dcv')
      : row.failed(`open, but with subprotocol ${answer.subprotocol ?? 'none'} instead of dcv`);
  }
  if (answer.status === 403) {
    return row.failed(
      '403 from DCV: it does not take pages of this gateway (allowed-ws-origin-regex)',
      showPatterns(agent.name),
    );
  }
  return row.failed(
    `no upgrade: ${answer.status}`,
    `dcvops exec --sudo ${agent.name} -- tail -n 50 /var/log/dcv/server.log`,
  );
}

/** An address that no inventory network holds has to be refused, by the gateway itself. */
export function forbiddenRow(address: string, answer: Probe<HttpAnswer>): CheckRow {
  const row = start('forbidden address', answer);
  if (!answer.answered) return row.failed(answer.reason);
  if (answer.status === 403 && answer.refusal?.stage === 'deny') return row.ok(`${address} refused`);
  return row.failed(
    `${address} is outside of gateway.agent_networks, but was not refused (${answer.status})`,
    'dcvops deploy',
  );
}

interface RowStart {
  readonly ok: (detail: string) => CheckRow;
  readonly failed: (detail: string, hint?: string) => CheckRow;
  /** The gateway's own refusal, which says where the fault is. */
  readonly refused: (status: number, refusal: GatewayRefusal, names: readonly string[]) => CheckRow;
}

function start(name: string, { elapsedMs }: { readonly elapsedMs: number }): RowStart {
  const failed = (detail: string, hint?: string): CheckRow => ({ name, ok: false, detail, elapsedMs, hint });
  return {
    ok: (detail) => ({ name, ok: true, detail, elapsedMs, hint: undefined }),
    failed,
    refused(status, { stage, reason }, names) {
      const placed = PLACES[`${status} ${stage}`];
      if (placed === undefined) return failed(`${status}: ${reason}`);
      return failed(`${status}: ${placed.detail}`, placed.hint?.(names));
    },
  };
}

interface Place {
  readonly detail: string;
  readonly hint?: (names: readonly string[]) => string;
}

const statusOf = (names: readonly string[]): string =>
  names.map((name) => agentService('status', name)).join('\n');

/** The settings by which DCV chooses whom it answers. */
const showPatterns = (name: string): string => showSettings(name, ...PATTERNS);

/** Where the fault is, by the gateway's status and the stage at which the request ended. */
const PLACES: Readonly<Record<string, Place>> = {
  '403 access': {
    detail: 'gateway.access.allow does not hold the address that this machine comes from',
    hint: () => 'add your network to gateway.access.allow, then: dcvops deploy',
  },
  '403 deny': {
    detail: 'the live release does not serve this address',
    hint: () => 'dcvops deploy',
  },
  '403 origin': {
    detail:
      'the gateway does not take gateway.url for its own page: something in front of it changes the Host header',
  },
  '404 nodefault': { detail: 'the live release has no default agent', hint: () => 'dcvops deploy' },
  '502 agent': {
    detail: 'the agent refuses the connection (dcvserver not running?), or its TLS handshake failed',
    hint: statusOf,
  },
  '503 agent': { detail: 'no agent of the pool is available', hint: statusOf },
  '504 agent': {
    detail: 'the agent does not answer the gateway: it is down, or a firewall drops TCP 8443 between them',
    hint: statusOf,
  },
};
