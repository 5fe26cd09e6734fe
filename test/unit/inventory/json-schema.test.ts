import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { jsonSchemaText } from '../../../src/inventory/json-schema.ts';

interface Schema {
  readonly description?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: boolean;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const schema = JSON.parse(jsonSchemaText()) as Schema;

describe('the JSON Schema', () => {
  it('in the repository is the one of this code (npx tsx src/main.ts inventory schema > inventory/dcvops.schema.json)', async () => {
    expect(await readFile('inventory/dcvops.schema.json', 'utf8')).toBe(jsonSchemaText());
  });

  it('explains every field, which is what an editor shows', () => {
    const fields = fieldsOf(schema, '');
    expect(fields.map(([path]) => path)).toContain('.agents[].ssh');
    expect(fields.length).toBeGreaterThan(30);
    expect(fields.filter(([, field]) => field.description === undefined && field.$ref === undefined)).toEqual(
      [],
    );
  });

  it('knows no other keys, so that an editor marks a typing mistake', () => {
    const records = [schema, ...fieldsOf(schema, '').map(([, field]) => field)].flatMap((field) => [
      field,
      ...(field.anyOf ?? []),
      ...(field.items === undefined ? [] : [field.items]),
    ]);
    const open = records.filter(
      ({ properties, additionalProperties }) => properties !== undefined && additionalProperties !== false,
    );
    expect(open).toEqual([]);
  });

  it('names no address that an editor would try to fetch', () => {
    const addresses = [...jsonSchemaText().matchAll(/"\$(?:id|schema|ref)": "([^"]*)"/g)].map(
      ([, address]) => address,
    );
    expect(new Set(addresses)).toEqual(
      new Set(['https://json-schema.org/draft/2020-12/schema', 'urn:dcvops:inventory', '#/$defs/ssh']),
    );
  });
});

function fieldsOf(parent: Schema, path: string): [string, Schema][] {
  const own = Object.entries({ ...parent.properties, ...parent.$defs }).flatMap(
    ([key, field]): [string, Schema][] => [[`${path}.${key}`, field], ...fieldsOf(field, `${path}.${key}`)],
  );
  const items = parent.items === undefined ? [] : fieldsOf(parent.items, `${path}[]`);
  return [...own, ...items, ...(parent.anyOf ?? []).flatMap((choice) => fieldsOf(choice, path))];
}
