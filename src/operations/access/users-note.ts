import type { GatewaySettings, ProxyHost } from '../../inventory/types.ts';
import type { NoteEvent } from '../../report/events.ts';

/**
 * A warning for who deploys a login that nobody has; undefined where somebody has one, or nobody is asked. Pure.
 * @param state names of the proxy's state files, as `ProxyFacts.state` has them
 */
export function usersNote(
  { access }: Pick<GatewaySettings, 'access'>,
  { name }: Pick<ProxyHost, 'name'>,
  state: readonly string[],
): NoteEvent | undefined {
  if (!access.basic || state.includes('users')) return undefined;
  return {
    type: 'note',
    level: 'warning',
    host: name,
    message: 'gateway.access.basic is on, and this proxy has no users: nobody can log in',
    hint: `dcvops access user add NAME --proxy ${name}`,
  };
}
