import type { HostView } from '../../check.ts';
import type { GatewaySightFacts } from '../../facts/path.ts';
import type { ProxyFacts } from '../../facts/proxy.ts';
import { type ServiceState, serviceState, unitOf } from '../../units.ts';

/** A proxy, as its checks look at it. */
export type ProxyView = HostView & { readonly proxy: ProxyFacts };

/** Its gateway as it is seen from the operator; undefined: nobody looked. */
export function sightOf({ name, set }: ProxyView): GatewaySightFacts | undefined {
  return set.gateways.find(({ proxy }) => proxy === name);
}

/** Are there workers that take connections, whoever started them? */
export function isRunning({ proxy }: ProxyView): boolean {
  return proxy.workers.some(({ shuttingDown }) => !shuttingDown);
}

/** What systemd says of nginx; undefined where there is no systemd. */
export function nginxState({ system, set }: ProxyView): ServiceState | undefined {
  const unit = unitOf(system, 'nginx.service');
  return unit === undefined ? undefined : serviceState(unit, Date.parse(set.collectedAt) / 1000);
}

/** The bits of "644 root:root" that everybody has; 0 where the mode is not told. */
export function bitsForOthers(mode: string): number {
  const octal = /^\d*([0-7]) /.exec(mode)?.[1];
  return octal === undefined ? 0 : Number(octal);
}
