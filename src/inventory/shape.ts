import type * as z from 'zod/mini';
import { nearMatches } from './near-match.ts';
import { type Path, showValue } from './problem.ts';
import { type InventoryFile, inventorySchema } from './schema.ts';

/** Something wrong, before its line and column are looked up. */
export interface Complaint {
  readonly path: Path;
  /** What to point at; a missing value points at what it is missing from. Default: the value. */
  readonly at?: 'key' | 'value';
  readonly what: string;
  /** Default: what stands at the path. */
  readonly found?: string;
  readonly allowed?: string;
  readonly hint?: string;
}

/** What is usable of a file that may have mistakes: each part is as the schema wants it, or missing. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Draft<T[Key]> | undefined }
    : T;

export interface Shape {
  readonly complaints: readonly Complaint[];
  /** For the checks that go on in spite of complaints, so that one run finds everything. */
  readonly draft: Draft<InventoryFile>;
  /** The file, when there is no complaint. */
  readonly file: InventoryFile | undefined;
}

type Issue = z.core.$ZodIssue;

/** A fleet of thousands with the same mistake in each line is told often enough. */
const MOST_ISSUES = 500;

/** Compares a file's content with the schema. */
export function checkShape(value: unknown): Shape {
  const result = inventorySchema.safeParse(value);
  if (result.success) return { complaints: [], draft: result.data, file: result.data };
  const issues = result.error.issues.flatMap((issue) => simplify(issue)).slice(0, MOST_ISSUES);
  const invalid = issues
    .filter((issue) => issue.code !== 'unrecognized_keys')
    .map(({ path }) => pathOf(path));
  return {
    complaints: issues.flatMap((issue) => complaintsOf(issue, value)),
    draft: without(value, invalid) as Draft<InventoryFile>,
    file: undefined,
  };
}

/** Of a union only the alternative that was meant matters: the one whose kind of value stands there. */
function simplify(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find((errors) =>
    errors.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  if (meant === undefined) return [issue];
  return meant.flatMap((inner) => simplify({ ...inner, path: [...issue.path, ...inner.path] }));
}

function complaintsOf(issue: Issue, root: unknown): Complaint[] {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key));
  const value = valueAt(root, path);
  if (value === undefined) return [{ path, at: 'key', what: 'missing', allowed: issue.message }];
  const text = issue.code === 'invalid_type' && issue.expected === 'string';
  const quoted = text && (typeof value === 'number' || typeof value === 'boolean') ? ', in quotes' : '';
  return [{ path, what: 'wrong value', allowed: `${issue.message}${quoted}` }];
}

/** Keys that other programs use for the same thing. */
const SYNONYMS: Readonly<Record<string, string>> = {
  proxy: 'proxies',
  gateways: 'proxies',
  address: 'host',
  hostname: 'host',
  ip: 'host',
  username: 'user',
  identity: 'key',
  identity_file: 'key',
  key_file: 'key',
  proxy_jump: 'jump',
  bastion: 'jump',
  cert: 'certificate',
  networks: 'agent_networks',
};

function unknownKey(parent: Path, key: string): Complaint {
  const keys = shapeAt(parent);
  const known = Object.keys(keys);
  const synonym = SYNONYMS[key.toLowerCase().replaceAll('-', '_')];
  const inside = known
    .filter((name) => Object.hasOwn(shapeOf(keys[name]), key))
    .map((name) => `${name}.${key}`);
  const near = [
    ...(synonym !== undefined && known.includes(synonym) ? [synonym] : []),
    ...inside,
    ...nearMatches(key.replaceAll('-', '_'), known),
  ];
  const meant = near[0] === undefined ? '' : `, did you mean ${near[0]}?`;
  return {
    path: [...parent, key],
    at: 'key',
    what: 'unknown key',
    found: `${showValue(key)}${meant}`,
    allowed: known.join(', '),
  };
}

type Fields = Readonly<Record<string, z.core.$ZodType>>;

/** The fields of the record at a path of the schema. */
function shapeAt(path: Path): Fields {
  let schema: z.core.$ZodType | undefined = inventorySchema;
  for (const part of path) {
    schema = typeof part === 'number' ? itemOf(schema) : shapeOf(schema)[part];
  }
  return shapeOf(schema);
}

function shapeOf(schema: z.core.$ZodType | undefined): Fields {
  const definition = (schema as z.core.$ZodTypes | undefined)?._zod.def;
  if (definition?.type === 'object') return definition.shape;
  if (definition?.type === 'optional') return shapeOf(definition.innerType);
  if (definition?.type === 'union') return Object.assign({}, ...definition.options.map(shapeOf)) as Fields;
  return {};
}

function itemOf(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const definition = (schema as z.core.$ZodTypes | undefined)?._zod.def;
  if (definition?.type === 'optional') return itemOf(definition.innerType);
  return definition?.type === 'array' ? definition.element : undefined;
}

function pathOf(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** A copy in which the values at the given paths are undefined. */
function without(root: unknown, paths: readonly Path[]): unknown {
  if (paths.some((path) => path.length === 0)) return {};
  const copy = structuredClone(root);
  for (const path of paths) {
    const parent = valueAt(copy, path.slice(0, -1));
    const last = path.at(-1);
    if (typeof parent === 'object' && parent !== null && last !== undefined) {
      (parent as Record<string | number, unknown>)[last] = undefined;
    }
  }
  return copy;
}
