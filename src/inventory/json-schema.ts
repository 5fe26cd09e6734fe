import { toJSONSchema } from 'zod/mini';
import { inventorySchema } from './schema.ts';

/**
 * The JSON Schema (draft 2020-12) of the inventory, as text: what editors complete and check by. The repository's copy,
 * `inventory/dcvops.schema.json`, is written with `dcvops inventory schema`; a test keeps it in step.
 */
export function jsonSchemaText(): string {
  const { $schema, ...schema } = toJSONSchema(inventorySchema, { io: 'input' });
  const document = { $schema, $id: 'urn:dcvops:inventory', title: 'dcvops inventory', ...schema };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
