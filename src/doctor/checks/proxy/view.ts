import type { HostView, Sighting } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import type { GatewaySightFacts } from '../../facts/path.ts';
import type { ProxyFacts } from '../../facts/proxy.ts';
import { closeToOthers } from './fixes.ts';
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

/** Files that everybody on the host may read or write, of those that are given; undefined where there is none. */
export function openToOthers(
  name: string,
  given: readonly { readonly path: string; readonly mode: string }[],
): Sighting | undefined {
  const open = given.filter(({ mode }) => (bitsForOthers(mode) & 0o6) !== 0);
  const [first] = open;
  if (first === undefined) return undefined;
  const files = open.map(({ path }) => path);
  return {
    seen: open.map(({ path, mode }) => `${path} is ${mode}`).join('; '),
    remedy: asRoot(name, 'chmod', 'o=', ...files),
    fix: closeToOthers(name, files, first.mode.replace(/ .*$/, '')),
  };
}

/** The bits of "644 root:root" that everybody has; 0 where the mode is not told. */
export function bitsForOthers(mode: string): number {
  const octal = /^\d*([0-7]) /.exec(mode)?.[1];
  return octal === undefined ? 0 : Number(octal);
}
