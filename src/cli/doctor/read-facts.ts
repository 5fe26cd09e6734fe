import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { FACTS_FORMAT, type FactSet, factSet } from '../../doctor/facts/fleet.ts';
import { DcvopsError } from '../../errors.ts';

/**
 * Reads facts that `dcvops doctor --facts` printed.
 * @param file its path, or "-" for stdin
 * @throws DcvopsError `usage` for a file that cannot be read, is something else, or is of another version
 */
export async function readFacts(file: string): Promise<FactSet> {
  const name = file === '-' ? 'stdin' : file;
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch(
    (error: unknown) => {
      throw new DcvopsError('usage', `cannot read ${name}: ${(error as Error).message}`, { hint: HOW });
    },
  );
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (error) {
    throw new DcvopsError('usage', `${name} is not JSON: ${(error as Error).message}`, { hint: HOW });
  }
  const format = (parsed as { readonly format?: unknown } | null)?.format;
  if (typeof format === 'number' && format !== FACTS_FORMAT) {
    throw new DcvopsError(
      'usage',
      `${name} holds facts in format ${format}; this dcvops reads format ${FACTS_FORMAT}`,
      { hint: 'use the version of dcvops that wrote it (its "dcvops" says which), or collect them again' },
    );
  }
  const facts = factSet.safeParse(parsed);
  if (facts.success) return facts.data;
  const [first] = facts.error.issues;
  const where = first === undefined || first.path.length === 0 ? '' : ` (at ${first.path.join('.')})`;
  throw new DcvopsError('usage', `${name} does not hold the facts of dcvops doctor${where}`, { hint: HOW });
}

const HOW = 'dcvops doctor --facts > facts.json   (writes such a file)';
