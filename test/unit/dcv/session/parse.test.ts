import { describe, expect, it } from 'vitest';
import { parseConnections, parseSession, parseSessions } from '../../../../src/dcv/session/parse.ts';

/** What a session comes to when only its id, owner and the given are known. */
function session(id: string, owner: string, more: object = {}): object {
  const unknown = {
    type: undefined,
    name: '',
    user: undefined,
    connections: undefined,
    createdAt: undefined,
    lastDisconnectedAt: undefined,
    status: undefined,
    licences: [],
    storageRoot: undefined,
    display: undefined,
    xAuthority: undefined,
    heads: [],
  };
  return { ...unknown, id, owner, ...more };
}

describe('parseSessions, text: a session that is missed would be created twice', () => {
  it.each([
    [
      "Session: '79e5feb7-b36d-48f4-b630-42753788d375' (owner:mickael type:virtual)",
      '79e5feb7-b36d-48f4-b630-42753788d375',
      'mickael',
      'virtual',
      '',
    ],
    ["Session: '1' (owner:ubuntu type:virtual)", '1', 'ubuntu', 'virtual', ''],
    ["Session: 'a795' (owner:admin2 type:console name:windows1)", 'a795', 'admin2', 'console', 'windows1'],
    [
      "Session: 'console' (owner:Administrator type:console name:'Console')",
      'console',
      'Administrator',
      'console',
      'Console',
    ],
    [
      "Session: graphics-1 (owner:CORP\\user type:virtual name:'Graphics')",
      'graphics-1',
      'CORP\\user',
      'virtual',
      'Graphics',
    ],
    [
      "Session: session-id (owner:session-owner type:virtual name:'my session')",
      'session-id',
      'session-owner',
      'virtual',
      'my session',
    ],
    ["Session: 'x' (owner:o type:virtual name:'it's (mine)')", 'x', 'o', 'virtual', "it's (mine)"],
    ["Session: 'x' (owner:o type:virtual name:'')", 'x', 'o', 'virtual', ''],
    ['Session: my-session (owner: jane)', 'my-session', 'jane', undefined, ''],
    ["Session: 'two words' (owner:o type:VIRTUAL)", 'two words', 'o', 'virtual', ''],
  ])('%s', (line, id, owner, type, name) => {
    expect(parseSessions(`${line}\n`)).toEqual([session(id, owner, { type, name })]);
    expect(parseSessions(`${line}\r\n`)).toEqual([session(id, owner, { type, name })]);
  });

  it('reads several sessions, whatever stands between them', () => {
    const output =
      "Session: 'a' (owner:o type:virtual)\r\n\r\nsome warning\r\nSession: b (owner:p type:virtual)\r\n";
    expect(parseSessions(output).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it.each([
    'There are no sessions available.\n',
    'There are no sessions available.\r\n',
    '',
    '\n',
    '[]',
    '[ ]\n',
    '{"sessions": []}',
  ])('reads %j as no sessions', (output) => {
    expect(parseSessions(output)).toEqual([]);
  });

  it.each([
    'bash: dcv: command not found\n',
    'Could not list sessions. The dcvserver service is not running',
    '[{"id":',
  ])('does not take %j for an empty list', (output) => {
    expect(() => parseSessions(output)).toThrow(/did not print a list of sessions/);
  });
});

describe('parseSessions, JSON', () => {
  it('reads everything the documented object tells', () => {
    const output = `{ "id":"session-id","owner":"dcvuser","name":"session-name","num-of-connections":0,
      "creation-time":"2020-03-02T16:08:50Z","last-disconnection-time":"",
      "licenses":[{"product":"dcv","status":"licensed","check-timestamp":"2020-03-02T16:08:50Z","expiration-date":"2020-03-29T00:00:00Z"},
                  {"product":"dcv-gl","status":"LICENSED"}],
      "storage-root":"","type":"virtual","x11-display":":2","x11-authority":"/run/user/1009/dcv/vsession.xauth",
      "display-layout":[{"width":800,"height":600,"x":0,"y":0},{"width":800,"height":600,"x":800,"y":0}] }`;
    const wanted = session('session-id', 'dcvuser', {
      type: 'virtual',
      name: 'session-name',
      connections: 0,
      createdAt: new Date('2020-03-02T16:08:50Z'),
      licences: [
        { product: 'dcv', status: 'licensed', expiresAt: new Date('2020-03-29T00:00:00Z') },
        { product: 'dcv-gl', status: 'licensed', expiresAt: undefined },
      ],
      storageRoot: '',
      display: ':2',
      xAuthority: '/run/user/1009/dcv/vsession.xauth',
      heads: [
        { width: 800, height: 600, x: 0, y: 0 },
        { width: 800, height: 600, x: 800, y: 0 },
      ],
    });
    expect(parseSession(output)).toEqual(wanted);
    expect(parseSessions(`[${output}]`)).toEqual([wanted]);
    expect(parseSessions(output)).toEqual([wanted]);
  });

  it.each([
    [
      'fractional seconds',
      '"creation-time":"2019-05-13T13:21:19.262883Z"',
      { createdAt: new Date('2019-05-13T13:21:19.262Z') },
    ],
    ['no time yet', '"creation-time":""', {}],
    ['a time that is none', '"creation-time":"soon"', {}],
    ['an upper-case state', '"status":"CREATED"', { status: 'created' }],
    ['a user', '"user":"jane"', { user: 'jane' }],
    ['an upper-case type', '"type":"CONSOLE"', { type: 'console' }],
    ['a type of another world', '"type":"holographic"', {}],
    ['keys of the future', '"flavour":{"a":[1]}', {}],
    ['a key of another type', '"num-of-connections":"many"', {}],
    ['licences of a server without any', '"licensing-mode":"DEMO","licenses":[]', {}],
    ['null', '"name":null,"display-layout":null', {}],
  ])('reads %s', (_what, key, more) => {
    expect(parseSessions(`[{"id":"s","owner":"o",${key}}]`)).toEqual([session('s', 'o', more)]);
  });

  it.each([
    ['a warning before', 'WARN something\n[{"id":"s","owner":"o"}]'],
    ['a warning in brackets before', '[WARN] something\n[\n {"id":"s","owner":"o"}\n]'],
    ['a warning behind it', '[{"id":"s","owner":"o"}]\nWARN x[3] {y}\n'],
    ['a warning in brackets on each side', '[1] so\n[\n {"id":"s","owner":"o"}\n]\n[WARN] {x}'],
    ['brackets and quotes in a string', '[{"id":"s","owner":"o","x":"]}\\"]\\\\"}]\n]'],
    ['CRLF', '[\r\n{"id":"s",\r\n"owner":"o"}]\r\n'],
    [
      'the object of 2017',
      'Processing command \'list-sessions\'\n{ "sessions": [ { "id": "s", "owner": "o" } ] }',
    ],
    ['a number for an id, and an entry without one', '[{"id":"s","owner":"o"},{"owner":"nobody"}]'],
  ])('reads JSON with %s', (_what, output) => {
    expect(parseSessions(output)).toEqual([session('s', 'o')]);
  });
});

describe('whatever a host prints', () => {
  it.each([
    ['brackets', '[\n'.repeat(300_000)],
    ['a string without an end', `["${'\\"'.repeat(300_000)}\\`],
  ])('%s: it is soon known not to be a list', (_what, output) => {
    expect(() => parseSessions(output)).toThrow(/did not print a list of sessions/);
  });
});

describe('parseSession, text', () => {
  it('reads the documented shape', () => {
    const output = [
      'Session: test',
      '  owner: session-id',
      '  name: session-name',
      '  x display: :1',
      '  x authority: /run/user/1009/dcv/test.xauth',
      '  display layout: 800x600+0+0,800x600+800+0',
      '',
    ].join('\n');
    expect(parseSession(output)).toEqual(
      session('test', 'session-id', {
        name: 'session-name',
        display: ':1',
        xAuthority: '/run/user/1009/dcv/test.xauth',
        heads: [
          { width: 800, height: 600, x: 0, y: 0 },
          { width: 800, height: 600, x: 800, y: 0 },
        ],
      }),
    );
  });

  it('reads the shape seen in the field', () => {
    const output =
      'Session:\r\n        id: console\r\n        owner: mickael\r\n        display layout: 1280x1024+0+0\r\n';
    expect(parseSession(output)).toEqual(
      session('console', 'mickael', { heads: [{ width: 1280, height: 1024, x: 0, y: 0 }] }),
    );
  });

  it.each(['', 'Session:\n', 'Could not describe session', '[]'])('refuses %j', (output) => {
    expect(() => parseSession(output)).toThrow(/did not print a session/);
  });
});

describe('parseConnections: who is told to be connected decides whether a desktop may be ended', () => {
  it('reads the recorded connection', () => {
    const output = `[{"id":1,"username":"u@corp","user-agent":"DCV Client (2026.0.11738), System: Darwin 24 arm64",
      "client-mode":"classic","client-address":"10.16.93.145:35756","connection-time":"2026-08-11T19:21:14.251957Z",
      "last-interaction-time":"2026-08-11T19:45:57.594810Z","first-frame-time":"2026-08-11T19:21:14.785005Z","transport":"quic"}]`;
    expect(parseConnections(output)).toEqual([
      {
        id: '1',
        username: 'u@corp',
        address: '10.16.93.145:35756',
        forwardedFor: undefined,
        client: 'DCV Client (2026.0.11738), System: Darwin 24 arm64',
        connectedAt: new Date('2026-08-11T19:21:14.251Z'),
        lastInteractionAt: new Date('2026-08-11T19:45:57.594Z'),
        transport: 'quic',
      },
    ]);
  });

  it('tells the address behind a gateway, as DCV logs it', () => {
    const [connection] = parseConnections(
      '[{"id":2,"client-address":"10.0.0.38:2098 (forwarded for 106.131.85.110)"}]',
    );
    expect(connection).toMatchObject({ id: '2', address: '10.0.0.38:2098', forwardedFor: '106.131.85.110' });
  });

  it.each(['[]', '', 'There are no connections available.\n'])('reads %j as nobody', (output) => {
    expect(parseConnections(output)).toEqual([]);
  });

  it('does not take an error for nobody', () => {
    expect(() => parseConnections('Could not list connections. x')).toThrow(
      /did not print a list of connections/,
    );
  });
});
