const SHOWN = 5;

/** "agent1, agent2 and agent3", "agent1, agent2, agent3, agent4, agent5 and 12 more": names for a sentence. Pure. */
export function someOf(names: readonly string[]): string {
  const more = names.length - SHOWN;
  const parts = more > 1 ? [...names.slice(0, SHOWN), `${more} more`] : names;
  const last = parts.at(-1) ?? 'none';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
