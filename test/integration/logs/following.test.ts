import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostLogs, type HostLogsOptions, openHostLogs } from '../../../src/logs/follow/host-logs.ts';
import { newHostState } from '../../../src/logs/follow/host-state.ts';
import { mergeByTime } from '../../../src/logs/merge.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type LocalRemote, localRemote } from './local-remote.ts';

// What may happen on a host between two moments, made to happen: nothing may be lost or come twice.

let folder: string;
let remotes: LocalRemote[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dcvops-logs-'));
  remotes = [];
});

afterEach(() => {
  for (const remote of remotes) remote.close();
  rmSync(folder, { recursive: true });
});

const file = (name: string): string => path.join(folder, name);
const numbered = (from: number, to: number, text = 'line'): string[] =>
  Array.from({ length: to - from }, (_, index) => `${text} ${from + index}`);
const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

interface Session {
  readonly logs: HostLogs;
  readonly remote: LocalRemote;
  /** What was delivered, backlog and what followed. */
  readonly lines: string[];
  readonly told: string[];
  /** Reads the backlog, then follows; resolves with what ended it. */
  readonly ended: Promise<unknown>;
}

async function start(
  options: Partial<HostLogsOptions> = {},
  before: (name: string) => void = () => undefined,
): Promise<Session> {
  const remote = localRemote(before);
  remotes.push(remote);
  const lines: string[] = [];
  const told: string[] = [];
  const logs = await openHostLogs({
    remote,
    feeds: [{ kind: 'files', source: 'test', pattern: file('*.log'), format: 'text' }],
    state: newHostState(),
    beginning: { lines: 0, sinceUs: undefined },
    isFollowed: true,
    ...{ maxLineBytes: 65_536, keepBytes: false, isWanted: undefined, windowBytes: 65_536 },
    tell: (message) => told.push(message),
    ...options,
  });
  const follow = async (): Promise<unknown> => {
    for await (const records of mergeByTime(logs.backlog())) lines.push(...records.map(({ raw }) => raw));
    return logs
      .follow((records) => {
        lines.push(...records.map(({ raw }) => raw));
        return Promise.resolve();
      })
      .catch((error: unknown) => error);
  };
  return { logs, remote, lines, told, ended: follow() };
}

describe('following the logs of a host', () => {
  it('repeats nothing when a log grows between the look at it and its reading', async () => {
    writeFileSync(file('a.log'), textOf(numbered(0, 1000)));
    const seen: string[] = [];
    const { lines, told } = await start({}, (name) => {
      if (name.startsWith('read ') && !seen.includes(name)) {
        appendFileSync(file('a.log'), textOf(numbered(1000, 1025)));
      }
      seen.push(name);
    });
    await eventually(() => seen.some((name) => name.startsWith('follow ')));
    appendFileSync(file('a.log'), 'the end\n');
    await eventually(() => lines.includes('the end'));
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines).not.toContain('line 0');
    expect(told).toEqual([]);
  });

  it('does not show the end of a line whose beginning it has not seen', async () => {
    writeFileSync(file('a.log'), 'one\nhalf of a li');
    const seen: string[] = [];
    const { lines } = await start({}, (name) => seen.push(name));
    await eventually(() => seen.some((name) => name.startsWith('follow ')));
    appendFileSync(file('a.log'), 'ne\nthree\n');
    await eventually(() => lines.includes('three'));
    expect(lines).toEqual(['three']);
  });

  it('follows more logs than it can hold open, each line once', async () => {
    const names = numbered(0, 9, 'log').map((name) => `${name.replace(' ', '')}.log`);
    for (const name of names) writeFileSync(file(name), 'before\n');
    const seen: string[] = [];
    const { lines, told } = await start({}, (name) => seen.push(name));
    await eventually(() => seen.some((name) => name.startsWith('follow ')));
    for (let round = 0; round < 30; round++) {
      for (const name of names) appendFileSync(file(name), `${name} ${round}\n`);
      await eventually(() => lines.includes(`log0.log ${round}`));
    }
    const wanted = names.flatMap((name) => numbered(0, 30, name)).sort();
    await eventually(() => lines.length >= wanted.length);
    expect([...lines].sort()).toEqual(wanted);
    expect(told).toEqual([]);
  });

  it('reads all of many large logs, page by page', async () => {
    const names = numbered(0, 8, 'log').map((name) => `${name.replace(' ', '')}.log`);
    const padding = 'x'.repeat(100);
    for (const name of names) writeFileSync(file(name), textOf(numbered(0, 20_000, `${padding} ${name}`)));
    const { lines } = await start({ beginning: { lines: 'all', sinceUs: undefined } });
    await eventually(() => lines.length >= 160_000, { timeoutMs: 40_000 });
    const counts = new Map<string, number>();
    for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
    expect(counts.size).toBe(160_000);
    expect(lines.length).toBe(160_000);
  });

  it('reads a log that is replaced from its beginning, also one that nothing holds open', async () => {
    const names = numbered(0, 8, 'log').map((name) => `${name.replace(' ', '')}.log`);
    for (const name of names) writeFileSync(file(name), 'first\nsecond\n');
    const seen: string[] = [];
    const { lines } = await start({}, (name) => seen.push(name));
    await eventually(() => seen.some((name) => name.startsWith('follow ')));
    for (const name of names) {
      rmSync(file(name));
      writeFileSync(file(name), textOf(numbered(0, 5, `new ${name}`)));
    }
    const wanted = names.flatMap((name) => numbered(0, 5, `new ${name}`)).sort();
    await eventually(() => lines.length >= wanted.length);
    expect([...lines].sort()).toEqual(wanted);
  });

  it('takes a log up again when its file comes back under its name', async () => {
    writeFileSync(file('a.log'), 'before\n');
    const seen: string[] = [];
    const { lines } = await start({}, (name) => seen.push(name));
    await eventually(() => seen.some((name) => name.startsWith('follow ')));
    renameSync(file('a.log'), file('a.log.1'));
    appendFileSync(file('a.log.1'), 'late\n');
    await eventually(() => lines.includes('late'));
    writeFileSync(file('a.log'), 'new\n');
    await eventually(() => lines.includes('new'));
    expect(lines).toEqual(['late', 'new']);
  });

  it('may be tried again when something on the host ends what watches its logs', async () => {
    writeFileSync(file('a.log'), 'before\n');
    const { ended, remote } = await start();
    remote.kill('watch log files');
    expect(await ended).toMatchObject({ code: 'unreachable', message: 'the host ended "list the logs"' });
  });

  it('starts a `tail` again that something on the host ended', async () => {
    writeFileSync(file('a.log'), 'before\n');
    const seen: string[] = [];
    const { lines, remote } = await start({}, (name) => seen.push(name));
    const follows = (): number => seen.filter((name) => name.startsWith('follow ')).length;
    await eventually(() => follows() === 1);
    appendFileSync(file('a.log'), 'one\n');
    await eventually(() => lines.includes('one'));
    remote.kill(`follow ${file('a.log')}`);
    appendFileSync(file('a.log'), 'two\n');
    await eventually(() => lines.includes('two'));
    expect(lines).toEqual(['one', 'two']);
  });
});
