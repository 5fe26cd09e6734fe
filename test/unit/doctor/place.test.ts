import { describe, expect, it } from 'vitest';
import type { FirewallFacts } from '../../../src/doctor/facts/system.ts';
import type { PathFacts, StepFacts } from '../../../src/doctor/facts/path.ts';
import { type Place, placeOf, whereBroken } from '../../../src/doctor/place.ts';
import { healthySet, hostOf, path, step } from './healthy.ts';

const failed = (changes: Partial<StepFacts>): StepFacts => ({
  ok: false,
  elapsedMs: 9,
  detail: 'failed',
  ...changes,
});
const dcv = (status: number): StepFacts => failed({ status, server: 'dcv' });
const gatewaySays = (status: number, refusal?: string): StepFacts =>
  failed({ status, server: 'nginx', ...(refusal === undefined ? {} : { refusal }) });
const UNREACHED = gatewaySays(502, 'agent');
const DROPPED = failed({ obstacle: 'filtered' });
const REFUSED = failed({ obstacle: 'refused' });

// Whoever is sent to the wrong side at night loses an hour.
describe('the fault of a broken way is', () => {
  it.each<[string, Partial<PathFacts>, Place | undefined, string]>([
    ['nowhere, for a way that is whole', {}, undefined, ''],
    ['this network, which is not let in', { route: gatewaySays(403, 'access') }, 'operator network', 'route'],
    ['the proxy, that serves no such address', { route: gatewaySays(403, 'deny') }, 'proxy', 'route'],
    ['the proxy, whose host gets there', { route: UNREACHED, fromProxy: step() }, 'proxy', 'route'],
    [
      'the proxy, whose host gets there and hears an error of DCV',
      { route: UNREACHED, fromProxy: dcv(403) },
      'proxy',
      'route',
    ],
    [
      'between them, where packets are lost',
      { route: UNREACHED, fromProxy: DROPPED, fromAgent: step() },
      'path',
      'route',
    ],
    ['between them, as far as anybody can tell', { route: UNREACHED, fromProxy: DROPPED }, 'path', 'route'],
    [
      'the agent, that does not answer itself',
      { route: UNREACHED, fromProxy: DROPPED, fromAgent: REFUSED },
      'agent',
      'route',
    ],
    [
      'the agent, that refuses',
      { route: UNREACHED, fromProxy: REFUSED, fromAgent: step() },
      'agent',
      'route',
    ],
    ['the agent, that answers with an error', { route: dcv(500) }, 'agent', 'route'],
    ['the agent, that has no page', { page: dcv(404) }, 'agent', 'page'],
    ['the proxy, that answers for the page itself', { page: gatewaySays(404) }, 'proxy', 'page'],
    ['the agent, that takes no such origin', { webSocket: dcv(403) }, 'agent', 'WebSocket'],
    [
      'the proxy, that takes its own page for a foreign one',
      { webSocket: gatewaySays(403, 'origin') },
      'proxy',
      'WebSocket',
    ],
    [
      'on the way, where the upgrade is lost',
      { webSocket: failed({ obstacle: 'silent' }) },
      'path',
      'WebSocket',
    ],
    [
      'this network, whose forward proxy wants a login',
      { route: failed({ status: 407, obstacle: 'forward-proxy' }) },
      'operator network',
      'route',
    ],
  ])('%s', (_, changes, place, name) => {
    const broken = path('agent1', changes);
    expect(placeOf(broken, healthySet())).toBe(place);
    expect(whereBroken(broken, healthySet())).toBe(
      place === undefined ? '' : `broken at: ${name}, fault: ${place}`,
    );
  });

  it('the agent, whose own firewall drops the packets', () => {
    const set = healthySet();
    const ufw: FirewallFacts = {
      tool: 'ufw',
      active: true,
      rules: ['Status: active', 'Default: deny (incoming), allow (outgoing), disabled (routed)'],
    };
    hostOf(set, 'agent1').system?.firewalls.push(ufw);
    const broken = path('agent1', { route: UNREACHED, fromProxy: DROPPED, fromAgent: step() });
    expect(placeOf(broken, set)).toBe('agent');
  });

  it.each<[string, StepFacts | undefined, boolean, Place]>([
    ['this network, where the gateway answers on its own host', step(), true, 'operator network'],
    ['the proxy, where it does not answer there either', REFUSED, true, 'proxy'],
    ['the proxy, where its host can be reached and nobody could ask', undefined, true, 'proxy'],
    ['this network, where nothing of the host can be reached', undefined, false, 'operator network'],
  ])('%s', (_, tunnel, isReached, place) => {
    const set = healthySet();
    set.gateways = set.gateways.map((sight) => ({ ...sight, direct: DROPPED, tunnel }));
    if (!isReached) {
      hostOf(set, 'gateway').reach = { ok: false, stage: 'tcp', target: 'x', via: [], message: 'no answer' };
    }
    expect(placeOf({ proxy: 'gateway', agent: 'agent1', way: 'none' }, set)).toBe(place);
  });
});
