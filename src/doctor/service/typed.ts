import { type ServiceVerb, serviceCommand } from './trouble.ts';

/* `dcvops service VERB HOST`, as findings tell it. */

/** For an agent. @param unit without one it is dcvserver */
export function agentService(verb: ServiceVerb, name: string, unit = 'dcvserver.service'): string {
  return serviceCommand(verb, { name, role: 'agent' }, unit);
}

/** For nginx on a proxy. */
export function proxyService(verb: ServiceVerb, name: string): string {
  return serviceCommand(verb, { name, role: 'proxy' }, 'nginx.service');
}
