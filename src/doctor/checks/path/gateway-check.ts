import { type Check, type Sighting, reachCheck } from '../../check.ts';
import type { FactSet, HostFacts } from '../../facts/fleet.ts';
import type { GatewaySightFacts, StepFacts } from '../../facts/path.ts';

/** A proxy, and its gateway as it is seen from here. */
export interface GatewayView {
  readonly sight: GatewaySightFacts;
  readonly host: HostFacts;
  readonly set: FactSet;
}

/** A check of each gateway as it is seen from here; its subject is the proxy, whether or not that can be logged in to. */
export function gatewayCheck(
  description: Omit<Check, 'run'> & { readonly look: (view: GatewayView) => Sighting | undefined },
): Check {
  const { look } = description;
  return reachCheck({
    ...description,
    look(host, set) {
      const sight = set.gateways.find(({ proxy }) => proxy === host.name);
      return sight === undefined ? undefined : look({ sight, host, set });
    },
  });
}

/** Did the gateway itself answer, or what stands at its place? A forward proxy's answer is none. */
export function isAnswered(step: StepFacts): boolean {
  return step.status !== undefined && step.obstacle === undefined;
}
