import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readUsage } from '../../../src/dcv/session/close-connection.ts';
import { parseConnections, parseSession, parseSessions } from '../../../src/dcv/session/parse.ts';

// Whatever version of DCV a host has: a shape that is not read is a session that nobody sees.

const FOLDER = 'test/fixtures/dcv';
const read = (file: string): string => readFileSync(`${FOLDER}/${file}`, 'utf8');
const time = (text: string): Date => new Date(text);

const EXPECTED: Readonly<Record<string, readonly object[]>> = {
  'list-sessions.template.txt': [
    { id: 'session-id', owner: 'session-owner', type: 'virtual', name: 'my session' },
  ],
  'list-sessions.2021-quoted.txt': [
    { id: '79e5feb7-b36d-48f4-b630-42753788d375', owner: 'mickael', type: 'virtual', name: '' },
  ],
  'list-sessions.number.txt': [{ id: '1', owner: 'ubuntu', connections: undefined }],
  'list-sessions.unquoted-name.txt': [
    { id: 'a7953489-9dbf-492b-8135-7709dccc4cab', type: 'console', name: 'windows1' },
  ],
  'list-sessions.console.txt': [{ id: 'console', owner: 'Administrator', type: 'console', name: 'Console' }],
  'list-sessions.unquoted-id.txt': [{ id: 'graphics-1', owner: 'CORP\\user', name: 'Graphics' }],
  'list-sessions.several.txt': [
    { id: 'a', owner: 'jane', name: "Jane's desk (old)" },
    { id: 'b', owner: 'joe', type: 'virtual' },
  ],
  'list-sessions.none.txt': [],
  'list-sessions.none.json.txt': [],
  'list-sessions.counts.json.txt': [
    { id: 'alice', connections: 1, owner: '' },
    { id: 'bob', connections: 0 },
  ],
  'list-sessions.warning.json.txt': [{ id: 'desk', owner: 'jane', type: 'virtual', status: 'created' }],
  'describe-session.documented.txt': [
    {
      id: 'test',
      owner: 'session-id',
      name: 'session-name',
      display: ':1',
      xAuthority: '/run/user/1009/dcv/test.xauth',
      heads: [
        { width: 800, height: 600, x: 0, y: 0 },
        { width: 800, height: 600, x: 800, y: 0 },
      ],
    },
  ],
  'describe-session.captured.txt': [
    { id: 'console', owner: 'mickael', heads: [{ width: 1280, height: 1024, x: 0, y: 0 }] },
  ],
  'describe-session.documented.json.txt': [
    {
      id: 'session-id',
      connections: 0,
      createdAt: time('2020-03-02T16:08:50Z'),
      lastDisconnectedAt: undefined,
      licences: [
        { product: 'dcv', status: 'licensed', expiresAt: time('2020-03-29T00:00:00Z') },
        { product: 'dcv-gl', status: 'licensed', expiresAt: undefined },
      ],
      storageRoot: '',
      display: ':2',
    },
  ],
  'describe-session.fractional.json.txt': [
    {
      createdAt: time('2019-05-13T13:21:19.262Z'),
      lastDisconnectedAt: time('2019-05-13T14:02:00.000Z'),
      licences: [{ product: 'dcv', status: 'licensed', expiresAt: undefined }],
    },
  ],
  'list-connections.quic.json.txt': [
    {
      id: '1',
      username: 'u@corp',
      address: '10.16.93.145:35756',
      forwardedFor: undefined,
      client: 'DCV Client (2026.0.11738), System: Darwin 24 arm64',
      connectedAt: time('2026-08-11T19:21:14.251Z'),
      lastInteractionAt: time('2026-08-11T19:45:57.594Z'),
      transport: 'quic',
    },
  ],
  'list-connections.forwarded.json.txt': [
    { id: '2', address: '10.0.0.38:2098', forwardedFor: '106.131.85.110', lastInteractionAt: undefined },
  ],
  'list-connections.none.json.txt': [],
  'list-connections.none.txt': [],
  'list-connections.text.txt': [
    {
      id: '1',
      username: 'jane',
      address: '10.0.0.38:2098',
      forwardedFor: '106.131.85.110',
      transport: 'websocket',
    },
    { id: '2', username: 'joe doe', address: '', transport: undefined },
  ],
  'close-connection-help.ascii.txt': [
    { what: 'session', option: undefined },
    { what: 'connection', option: undefined },
  ],
  'close-connection-help.words.txt': [
    { what: 'session', option: undefined },
    { what: 'connection', option: undefined },
  ],
  'close-connection-help.options.txt': [
    { what: 'session', option: 'session' },
    { what: 'connection', option: 'connection-id' },
  ],
  'close-connection-help.mixed.txt': [
    { what: 'session', option: 'session' },
    { what: 'connection', option: undefined },
  ],
};

function readerOf(file: string): (output: string) => readonly object[] {
  if (file.startsWith('list-sessions')) return parseSessions;
  if (file.startsWith('describe-session')) return (output) => [parseSession(output)];
  if (file.startsWith('list-connections')) return parseConnections;
  return (output) => readUsage(output) ?? [];
}

describe('what dcv prints', () => {
  it.each(Object.entries(EXPECTED))('%s', (file, expected) => {
    expect(readerOf(file)(read(file))).toMatchObject(expected);
  });

  it('is all here, and says where it is from', () => {
    const marked = [...read('README.md').matchAll(/^\| `(.+?)` +\| [VRIU] /gm)].map(([, file]) => file);
    const files = readdirSync(FOLDER).filter((file) => file !== 'README.md');
    expect(marked.sort()).toEqual(files.sort());
    expect(Object.keys(EXPECTED).sort()).toEqual(files);
  });
});
