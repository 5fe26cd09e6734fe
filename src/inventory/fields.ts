import * as z from 'zod/mini';

/*
 * How the fields of the inventory's schema are made: each with what it is about, which editors show, and with what is
 * allowed there, which is the message for everything else.
 */

/** Text that has to match a pattern. */
export function text(about: string, allowed: string, pattern: RegExp) {
  return z
    .string({ error: allowed })
    .check(z.regex(pattern, { error: allowed }), z.meta(about === '' ? {} : { description: about }));
}

/** Text that `reader` understands; its own words say what would be right. */
export function readable(
  about: string,
  reader: (value: string) => { readonly value: unknown } | { readonly allowed: string },
  pattern?: RegExp,
) {
  const error = ({ input }: { input?: unknown }): string => {
    const reading = reader(typeof input === 'string' ? input : '');
    return 'allowed' in reading ? reading.allowed : 'text';
  };
  const meta = { description: about, ...(pattern === undefined ? {} : { pattern: pattern.source }) };
  return z.string({ error }).check(
    z.refine((value: string) => 'value' in reader(value), { error }),
    z.meta(meta),
  );
}

/** A number without a fraction, both limits included. */
export function wholeNumber(about: string, noun: string, min: number, max: number) {
  const error = `${noun}, ${min} to ${max}`;
  return z
    .number({ error })
    .check(
      z.int({ error }),
      z.minimum(min, { error }),
      z.maximum(max, { error }),
      z.meta(about === '' ? {} : { description: about }),
    );
}

/** One of a few words. */
export function choice<const Word extends string>(about: string, words: readonly Word[], byDefault: Word) {
  return z
    .enum(words, { error: words.join(' or ') })
    .check(z.meta({ description: about, default: byDefault }));
}

/** What is meant where the field is left out: told to editors here, and filled in by `resolve.ts`. */
export function withDefault<Schema extends z.ZodMiniType>(
  about: string,
  schema: Schema,
  byDefault: string | number | boolean,
): Schema {
  return schema.check(z.meta({ description: about, default: byDefault }));
}

/** A record that knows no other keys. */
export function record<const Shape extends z.core.$ZodLooseShape>(
  about: string,
  shape: Shape,
  error = `a record with the keys ${Object.keys(shape).join(', ')}`,
) {
  return z
    .strictObject(shape, { error: ({ code }) => (code === 'invalid_type' ? error : undefined) })
    .check(z.meta({ description: about }));
}

/** A list of at least so many items. */
export function list<Item extends z.ZodMiniType>(about: string, allowed: string, item: Item, atLeast = 0) {
  const error = { error: allowed };
  return z.array(item, error).check(z.minLength(atLeast, error), z.meta({ description: about }));
}
