import { pathCheck } from '../../check.ts';
import { steps } from '../../commands.ts';
import { PATTERNS, showSettings } from '../../dcv-settings.ts';
import type { FactSet } from '../../facts/fleet.ts';
import type { PathFacts, StepFacts } from '../../facts/path.ts';
import { whereBroken } from '../../place.ts';

export const webSocket = pathCheck({
  id: 'path/web-socket',
  severity: 'error',
  title: 'The web client’s WebSocket does not open',
  why: 'The page comes, but nobody can log in: "Failed to communicate with server", or a spinner that never ends.',
  remedy: 'dcvops dcv config get AGENT security/allowed-http-host-regex security/allowed-ws-origin-regex',
  symptoms: ['session', 'nginx', 'network'],
  follows: [
    'agent/origin-pattern',
    'agent/host-pattern',
    'agent/token-verifier',
    'agent/not-answering',
    'leftovers/token-verifier',
    'path/gateway-foreign',
    'proxy/rival-files',
    'proxy/not-live',
  ],
  look(path, set) {
    const asked = path.webSocket;
    if (asked === undefined || asked.ok) return undefined;
    const { what, remedy } = causeOf(path, asked, set);
    return { seen: `${what}; ${whereBroken(path, set)}`, evidence: [asked.detail], remedy };
  },
});

interface Cause {
  readonly what: string;
  readonly remedy: string;
}

function causeOf({ agent, proxy, way }: PathFacts, asked: StepFacts, set: FactSet): Cause {
  const isDcv = asked.server === 'dcv';
  const logs = `dcvops logs ${agent} --since 10m`;
  if (asked.refusal === 'origin') {
    return {
      what: 'the gateway takes its own page for a foreign one: something in front of it changes the host name',
      remedy: `name what people open in ${set.inventory.file}: gateway: { url: https://… }\ndcvops deploy ${proxy}`,
    };
  }
  if (isDcv && asked.status === 403) {
    return {
      what: 'DCV does not take pages of this gateway (allowed-ws-origin-regex)',
      remedy: showSettings(agent, ...PATTERNS),
    };
  }
  if (isDcv && (asked.status === 302 || asked.status === 404)) {
    return {
      what: `DCV answers ${asked.status} instead: seen where an external token verifier or a broker is still named`,
      remedy: steps(showSettings(agent, 'security/auth-token-verifier'), logs),
    };
  }
  if (asked.status === 101) {
    return {
      what: 'it opens without the subprotocol dcv, so that the web client gives up: something in between drops the header',
      remedy: `dcvops deploy ${proxy}`,
    };
  }
  if (asked.status === undefined) {
    return {
      what:
        way === 'direct'
          ? 'no answer to the upgrade: something between here and the gateway may pass no WebSockets (a forward proxy, an inspecting firewall)'
          : 'no answer to the upgrade',
      remedy: steps(logs, `dcvops logs ${proxy} --since 10m`),
    };
  }
  return { what: `no upgrade: ${asked.status}`, remedy: logs };
}
