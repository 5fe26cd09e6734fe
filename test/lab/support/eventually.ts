/**
 * Repeats a check until it holds: `check` throws (an `expect`) or gives `false` while it does not.
 * @throws what the last try threw, when `timeoutMs` (10 s) are over
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 50 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      const value = await check();
      if (value !== false) return value;
      if (Date.now() >= deadline) throw new Error(`did not become true within ${timeoutMs / 1000} s`);
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
