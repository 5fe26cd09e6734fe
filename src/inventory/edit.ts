import { isDeepStrictEqual } from 'node:util';
import { type Document, type Node, type YAMLMap, isMap, isScalar } from 'yaml';
import {
  appendToBlockList,
  appendToBlockRecord,
  dashed,
  removeFromBlockList,
  removeFromBlockRecord,
} from './edit-block.ts';
import { appendToFlow, removeFromFlow } from './edit-flow.ts';
import {
  type Item,
  colonOf,
  endOf,
  isBlock,
  isEmpty,
  itemEnd,
  listAt,
  nodeAt,
  pairOf,
  quotesOf,
  readDocument,
  recordAt,
  startOf,
} from './edit-nodes.ts';
import { type Piece, columnOf, lineEnd, plainText, replacePieces } from './edit-text.ts';
import { type Hand, type WrittenRecord, handOf, hostLines, keyText, scalarText } from './edit-words.ts';
import { readDefault } from './gateway-settings.ts';
import type { Path } from './problem.ts';
import type { InventoryFile } from './schema.ts';
import type { AgentState } from './types.ts';
import { readYaml } from './yaml-source.ts';

/** An agent as it is written into an inventory. */
export interface NewAgent {
  readonly name: string;
  readonly host: string;
  readonly tags: readonly string[];
  readonly ssh: {
    readonly user?: string | undefined;
    readonly port?: number | undefined;
    readonly jump?: string | undefined;
  };
}

/** One change of an inventory's text. The agents that are named are in it. */
export type Edit =
  | { readonly kind: 'add-agent'; readonly agent: NewAgent }
  | { readonly kind: 'remove-agent'; readonly name: string }
  | { readonly kind: 'set-state'; readonly name: string; readonly state: AgentState }
  | { readonly kind: 'add-network'; readonly network: string }
  /** Takes an agent out of a list in `gateway.default` that has others. */
  | { readonly kind: 'leave-default'; readonly name: string };

/** The text after a change, or what to do by hand where the text is laid out in a way that dcvops does not edit. */
export type Edited =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'by-hand'; readonly line: number; readonly what: string };

/**
 * Changes the text of a valid inventory, one edit after the other. Every line that an edit is not about stays as it is;
 * new lines are written as their neighbours are. The result is read again and has to say exactly what was wanted:
 * otherwise (an alias that needs what is taken out, a layout that is not known) nothing is edited, and it says what to
 * write by hand. Pure.
 */
export function editInventory(raw: string, edits: readonly Edit[]): Edited {
  let text = raw;
  for (const batch of batchesOf(edits)) {
    const plain = plainText(text);
    const source = readYaml(plain);
    const file = source.value as InventoryFile;
    const wanted = batch.reduce(after, file);
    if (isDeepStrictEqual(file, wanted)) continue;
    const pieces = piecesOfAll(plain, file, batch);
    const result = pieces === undefined ? undefined : replacePieces(text, pieces);
    const reread = result === undefined ? undefined : readYaml(plainText(result));
    if (result === undefined || reread?.problems.length !== 0 || !isDeepStrictEqual(reread.value, wanted)) {
      const line = Math.min(...batch.map((edit) => source.locate(placeOf(file, edit)).line));
      return { kind: 'by-hand', line, what: batch.map(byHand).join('\n') };
    }
    text = result;
  }
  return { kind: 'edited', text };
}

/** States are set in one go, for each is in an entry of its own; every other edit is one that moves what follows. */
function batchesOf(edits: readonly Edit[]): Edit[][] {
  const batches: Edit[][] = [];
  for (const edit of edits) {
    const last = batches.at(-1);
    if (edit.kind === 'set-state' && last?.[0]?.kind === 'set-state') last.push(edit);
    else batches.push([edit]);
  }
  return batches;
}

function piecesOfAll(text: string, file: InventoryFile, edits: readonly Edit[]): Piece[] | undefined {
  const document = readDocument(text);
  const pieces = edits.map((edit) => piecesFor(document, text, file, edit));
  return pieces.every((found) => found !== undefined) ? pieces.flat() : undefined;
}

/** What the file says after an edit. */
function after(file: InventoryFile, edit: Edit): InventoryFile {
  const agents = file.agents ?? [];
  switch (edit.kind) {
    case 'add-agent':
      return { ...file, agents: [...agents, newEntry(edit.agent)] };
    case 'remove-agent':
      return { ...file, agents: agents.filter(({ name }) => name !== edit.name) };
    case 'set-state':
      return {
        ...file,
        agents: agents.map((agent) => (agent.name === edit.name ? inState(agent, edit.state) : agent)),
      };
    case 'add-network':
      return {
        ...file,
        gateway: { ...file.gateway, agent_networks: [...(file.gateway.agent_networks ?? []), edit.network] },
      };
    case 'leave-default':
      return {
        ...file,
        gateway: { ...file.gateway, default: withoutMember(file.gateway.default, edit.name) },
      };
  }
}

function writtenAgent({ name, host, tags, ssh }: NewAgent): WrittenRecord {
  const settings = {
    ...(ssh.user === undefined ? {} : { user: ssh.user }),
    ...(ssh.port === undefined ? {} : { port: ssh.port }),
    ...(ssh.jump === undefined ? {} : { jump: ssh.jump }),
  };
  return {
    name,
    host,
    ...(tags.length === 0 ? {} : { tags }),
    ...(Object.keys(settings).length === 0 ? {} : { ssh: settings }),
  };
}

type AgentEntry = NonNullable<InventoryFile['agents']>[number];

/** What is written of a new agent, as the file's type has it. */
function newEntry(agent: NewAgent): AgentEntry {
  const written: object = writtenAgent(agent);
  return written as AgentEntry;
}

/** The usual state is not written. */
function inState(agent: AgentEntry, state: AgentState): AgentEntry {
  if (state !== 'in-service') return { ...agent, state };
  return Object.fromEntries(Object.entries(agent).filter(([key]) => key !== 'state')) as AgentEntry;
}

type Default = InventoryFile['gateway']['default'];

function withoutMember(written: Default, name: string): Default {
  if (Array.isArray(written)) return written.filter((member) => memberName(member) !== name);
  if (typeof written !== 'object') return written;
  return Object.fromEntries(
    Object.entries(written as Record<string, Default>).map(([key, members]) => [
      key,
      withoutMember(members, name),
    ]),
  );
}

function memberName(member: string | { readonly agent: string }): string {
  return typeof member === 'string' ? member : member.agent;
}

/** The names in `gateway.default`, where they are a list. */
export function defaultMembers(written: Default): readonly string[] {
  return readDefault(written).members.map(({ name }) => name);
}

/** Where the list of `gateway.default` is written. */
function defaultList(written: Default): Path {
  const path = ['gateway', 'default'];
  if (typeof written !== 'object' || Array.isArray(written)) return path;
  return [...path, Object.hasOwn(written, 'redirect') ? 'redirect' : 'pool'];
}

function placeOf(file: InventoryFile, edit: Edit): Path {
  switch (edit.kind) {
    case 'add-agent':
      return ['agents'];
    case 'remove-agent':
    case 'set-state':
      return ['agents', indexOf(file, edit.name)];
    case 'add-network':
      return ['gateway', 'agent_networks'];
    case 'leave-default':
      return ['gateway', 'default'];
  }
}

function indexOf(file: InventoryFile, name: string): number {
  return (file.agents ?? []).findIndex((agent) => agent.name === name);
}

/** What somebody has to write who does it without dcvops. */
function byHand(edit: Edit): string {
  switch (edit.kind) {
    case 'add-agent':
      return `add to agents: ${hostLines(writtenAgent(edit.agent), IN_BRACES).join('')}`;
    case 'remove-agent':
      return `take out the agent ${edit.name}`;
    case 'set-state':
      return edit.state === 'in-service'
        ? `take out the state of the agent ${edit.name}`
        : `add to the agent ${edit.name}: state: ${edit.state}`;
    case 'add-network':
      return `add to gateway.agent_networks: ${edit.network}`;
    case 'leave-default':
      return `take ${edit.name} out of gateway.default`;
  }
}

const IN_BRACES: Hand = { ...handOf([], ''), record: { open: ' ', separator: ', ', close: ' ' } };

function piecesFor(
  document: Document.Parsed,
  text: string,
  file: InventoryFile,
  edit: Edit,
): Piece[] | undefined {
  switch (edit.kind) {
    case 'add-agent':
      return addHost(document, text, writtenAgent(edit.agent));
    case 'remove-agent':
      return removeFromList(document, text, ['agents'], indexOf(file, edit.name));
    case 'set-state': {
      const record = recordAt(document, ['agents', indexOf(file, edit.name)]);
      return record === undefined ? undefined : setState(record, edit.state, text);
    }
    case 'add-network': {
      const list = listAt(document, ['gateway', 'agent_networks']);
      if (list === undefined) return undefined;
      const entry = scalarText(edit.network, quotesOf(list.items.at(-1) as Node | undefined));
      return isBlock(list) ? appendToBlockList(list, [entry], text) : appendToFlow(list, entry, text);
    }
    case 'leave-default': {
      const path = defaultList(file.gateway.default);
      const index = defaultMembers(file.gateway.default).indexOf(edit.name);
      return removeFromList(document, text, path, index);
    }
  }
}

function addHost(document: Document.Parsed, text: string, host: WrittenRecord): Piece[] | undefined {
  const root = document.contents;
  if (!isMap(root)) return undefined;
  const agents = listAt(document, ['agents']);
  const neighbours = [...recordsOf(document, 'proxies'), ...recordsOf(document, 'agents')];
  const hand = handOf(neighbours, text);
  if (agents !== undefined && agents.items.length > 0) {
    const lines = hostLines(host, hand);
    return isBlock(agents)
      ? appendToBlockList(agents, lines, text)
      : appendToFlow(agents, lines.join('\n'), text);
  }
  const present = pairOf(root, 'agents');
  if (present !== undefined && agents === undefined && !isEmpty(present.value)) return undefined;
  return root.flow === true ? firstInFlow(root, host, hand, text) : firstInBlock(root, host, hand, text);
}

function recordsOf(document: Document.Parsed, key: string): YAMLMap[] {
  return (listAt(document, [key])?.items ?? []).filter((item) => isMap(item));
}

/** The first agent of a file in JSON's form. */
function firstInFlow(root: YAMLMap, host: WrittenRecord, hand: Hand, text: string): Piece[] | undefined {
  const entry = `[${hostLines(host, { ...hand, record: { open: ' ', separator: ', ', close: ' ' } }).join('')}]`;
  const pair = pairOf(root, 'agents');
  if (pair === undefined) return appendToFlow(root, `${keyText('agents', hand)}: ${entry}`, text);
  const from = startOf(pair.value);
  return [{ from, to: endOf(pair.value, text), text: entry }];
}

/** The first agent of a file whose sections begin at the margin: below its key, or behind the proxies. */
function firstInBlock(root: YAMLMap, host: WrittenRecord, hand: Hand, text: string): Piece[] | undefined {
  const proxies = pairOf(root, 'proxies');
  const indent = proxies !== undefined && isBlock(proxies.value) ? dashIndent(proxies, text) : 2;
  const entry = `\n${dashed(hostLines(host, hand), indent)}`;
  const pair = pairOf(root, 'agents');
  if (pair !== undefined) {
    const colon = colonOf(pair);
    if (colon === undefined) return undefined;
    const end = isEmpty(pair.value) ? itemEnd(pair, text) : endOf(pair.value, text);
    const at = lineEnd(text, end);
    return [
      { from: colon + 1, to: Math.max(colon + 1, end), text: '' },
      { from: at, to: at, text: entry },
    ];
  }
  if (proxies === undefined) return undefined;
  const items = root.items as Item[];
  const next = items[items.indexOf(proxies) + 1];
  const at = lineEnd(text, itemEnd(proxies, text));
  const apart = next !== undefined && /\n[ \t]*\n/.test(text.slice(at, startOf(next.key)));
  return [{ from: at, to: at, text: `${apart ? '\n' : ''}\n${keyText('agents', hand)}:${entry}` }];
}

function dashIndent(pair: Item, text: string): number {
  const first = startOf(pair.value);
  return columnOf(text, first);
}

function removeFromList(
  document: Document.Parsed,
  text: string,
  path: Path,
  index: number,
): Piece[] | undefined {
  const list = listAt(document, path);
  const key = path.at(-1);
  if (list === undefined || index < 0) return undefined;
  if (!isBlock(list)) return removeFromFlow(list, index, text);
  const parent = path.length === 1 ? document.contents : nodeAt(document, path.slice(0, -1));
  const pair = isMap(parent) && typeof key === 'string' ? pairOf(parent, key) : undefined;
  return removeFromBlockList(list, index, pair, text);
}

function setState(record: YAMLMap, state: AgentState, text: string): Piece[] | undefined {
  const items = record.items as Item[];
  const index = items.findIndex(({ key }) => isScalar(key) && key.value === 'state');
  const pair = items[index];
  if (state === 'in-service') {
    if (pair === undefined) return [];
    return isBlock(record) ? removeFromBlockRecord(record, index, text) : removeFromFlow(record, index, text);
  }
  if (pair !== undefined) {
    return [
      {
        from: startOf(pair.value),
        to: endOf(pair.value, text),
        text: scalarText(state, quotesOf(pair.value)),
      },
    ];
  }
  const written = `${keyText('state', { keys: quotesOf(items[0]?.key) })}: ${scalarText(state, valueQuotes(record))}`;
  return isBlock(record) ? appendToBlockRecord(record, [written], text) : appendToFlow(record, written, text);
}

function valueQuotes(record: YAMLMap): ReturnType<typeof quotesOf> {
  return quotesOf(pairOf(record, 'name')?.value);
}
