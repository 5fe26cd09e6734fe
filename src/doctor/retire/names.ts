import type { Retirable } from './types.ts';

const NAMES: Record<Retirable, string> = {
  broker: 'the Session Manager',
  'connection-gateway': 'the connection gateway',
  resolver: 'the session resolver',
};

/** How people call what can be retired; a record of something else is called as it is. */
export function nameOf(what: string): string {
  return Object.hasOwn(NAMES, what) ? NAMES[what as Retirable] : what;
}
