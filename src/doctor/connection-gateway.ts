import type { ListenerFacts, SystemFacts } from './facts/system.ts';

export const CONNECTION_GATEWAY_UNIT = 'dcv-connection-gateway.service';

/** Is it DCV Connection Gateway that listens there? Pure. */
export function isConnectionGateway(
  { program, pid }: Pick<ListenerFacts, 'program' | 'pid'>,
  { units }: Pick<SystemFacts, 'units'>,
): boolean {
  // the kernel keeps 15 characters of a program's name
  if (program === 'dcv-connection-gateway'.slice(0, 15)) return true;
  return pid !== undefined && pid !== 0 && pid === units?.[CONNECTION_GATEWAY_UNIT]?.mainPid;
}
