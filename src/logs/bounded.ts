/**
 * Keeps a map or set from growing without end: when there are more entries than the limit, the tenth that was added first goes.
 * Many at once, because the first entry of a map from which much was deleted takes long to find.
 */
export function dropOldest(entries: Map<string, unknown> | Set<string>, most: number): void {
  if (entries.size <= most) return;
  let surplus = entries.size - Math.floor(most * 0.9);
  for (const key of entries.keys()) {
    entries.delete(key);
    surplus -= 1;
    if (surplus === 0) return;
  }
}
