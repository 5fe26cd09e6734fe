import type { SystemFacts } from '../../facts/system.ts';
import { sinceWhen } from '../../units.ts';

/**
 * "dcv-connection-gateway.service is active, and starts at boot": a unit that runs, or will. undefined: it does neither.
 * Pure.
 */
export function stillRuns({ units }: Pick<SystemFacts, 'units'>, name: string): string | undefined {
  const unit = units?.[name];
  if (unit?.load !== 'loaded') return undefined;
  const isActive = ['active', 'reloading', 'activating'].includes(unit.active);
  const atBoot = unit.enabled === 'enabled';
  if (isActive) return `${name} is ${unit.active}${sinceWhen(unit)}${atBoot ? ', and starts at boot' : ''}`;
  return atBoot ? `${name} is ${unit.active}, but starts at boot` : undefined;
}
