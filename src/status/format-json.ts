import type { FleetStatus } from './types.ts';

/** The document of one look, for programs: `{"at": …, "hosts": […]}`; what is not known is left out. Pure. */
export function statusAsJson({ at, hosts }: FleetStatus): object {
  return { at: at.toISOString(), hosts };
}
