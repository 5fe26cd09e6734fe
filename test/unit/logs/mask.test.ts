import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mask } from '../../../src/logs/mask.ts';

describe('mask: a login that reaches a screen can be used by whoever reads it', () => {
  it.each([
    // queries
    ['/x?authToken=abc', '/x?***'],
    ['GET /10.150.248.180/?authToken=abc&b=c HTTP/1.1', 'GET /10.150.248.180/?*** HTTP/1.1'],
    ['see (https://h/x?a=b), then', 'see (https://h/x?***), then'],
    ['/x%3FauthToken%3Dabc HTTP', '/x%3F*** HTTP'],
    ['/x%253FauthToken%253Dabc HTTP', '/x%253F*** HTTP'],
    ['page?id=5 x', 'page?*** x'],
    ['/a?b="c"&authToken=d e', '/a?*** e'],
    ["url '/x?a=b': failed", "url '/x?***': failed"],
    [
      'connect() failed, client: 10.0.0.1, server: _, request: "GET /a?b=c HTTP/1.1", upstream: "https://10.0.0.2:8443/a?b=c", host: "h", referrer: "https://h/?d=e"',
      'connect() failed, client: 10.0.0.1, server: _, request: "GET /a?*** HTTP/1.1", upstream: "https://10.0.0.2:8443/a?***", host: "h", referrer: "https://h/?***"',
    ],
    ['{"uri":"\\/a?b=c","x":1}', '{"uri":"\\/a?***","x":1}'],
    ['{"m":"request: \\"GET /a?b=c\\", host: \\"h\\""}', '{"m":"request: \\"GET /a?***\\", host: \\"h\\""}'],
    // keys
    ['authToken=abc, next', 'authToken=***, next'],
    ['AUTHTOKEN=abc', 'AUTHTOKEN=***'],
    ['token=abc&x=y z', 'token=*** z'],
    ['password = hunter2 z', 'password = *** z'],
    ['passwd=a secret=b api_key=c access_token=d', 'passwd=*** secret=*** api_key=*** access_token=***'],
    ['aws_secret_access_key=abc/def+= x', 'aws_secret_access_key=*** x'],
    ['password="two words" x', 'password="***" x'],
    ["password='two words' x", "password='***' x"],
    ['password="cut off', 'password="***'],
    ['X-Auth-Token: abc', 'X-Auth-Token: ***'],
    ['sent Bearer eyJhbGciOiJIUzI1NiJ9.e30.x here', 'sent Bearer *** here'],
    ['the bearer certificate', 'the bearer certificate'],
    ['token: 0123456789abcdef', 'token: ***'],
    ['authToken%3Dabc x', 'authToken%3D*** x'],
    ['%22authToken%22%3A%22abc%22', '%22authToken%22%3A***'],
    // JSON
    ['{"authToken":"abc","b":1}', '{"authToken":"***","b":1}'],
    ['{"password" : "a\\"b", "b":1}', '{"password" : "***", "b":1}'],
    ['{"password":123,"b":1}', '{"password":"***","b":1}'],
    ['{"set-cookie":["a=b","c]=d"],"b":1}', '{"set-cookie":"***","b":1}'],
    ['{"token":null,"secret":true}', '{"token":null,"secret":true}'],
    ['{"m":"{\\"token\\":\\"abc\\",\\"n\\":1}"}', '{"m":"{\\"token\\":\\"***\\",\\"n\\":1}"}'],
    ['{"m":"{\\"token\\":[\\"abc\\"]}"}', '{"m":"{\\"token\\":\\"***\\"}"}'],
    // headers
    ['Cookie: a=b; c="d"; e', 'Cookie: ***'],
    ['Set-Cookie: a=b; Path=/\nnext', 'Set-Cookie: ***\nnext'],
    ['http header: "Cookie: a=b; c=d", next', 'http header: "Cookie: ***", next'],
    ['Authorization: Basic dTpw, next', 'Authorization: Basic ***, next'],
    ['authorization: bearer abc.def', 'authorization: bearer ***'],
    ['Authorization: Digest username="u", nonce="n", response="r"', 'Authorization: ***'],
    ['-H "Authorization: Bearer abc" x', '-H "Authorization: Bearer ***" x'],
    ['Authorization: abc', 'Authorization: ***'],
    // URLs
    ['https://user:pass@host/x', 'https://user:***@host/x'],
    ['https://user:p@ss@host:8443/x', 'https://user:***@host:8443/x'],
    ['"https:\\/\\/user:pass@host"', '"https:\\/\\/user:***@host"'],
  ])('%s', (text, masked) => {
    expect(mask(text)).toBe(masked);
    expect(mask(masked)).toBe(masked);
  });

  it.each([
    'really? yes',
    'really?yes',
    'what?! /x?? no',
    'is it in /etc/nginx? or not',
    '{"uri":"/10.150.248.180/?-","status":"200"}',
    'Failed password for invalid user admin from 10.0.0.1 port 22 ssh2',
    'Permission denied (publickey,password).',
    'unexpected token: end of file',
    '/etc/passwd: no such file',
    'passwd[12]: pam_unix(passwd:chauthtok): password changed for jane',
    'auth-token-verifier="https://10.0.0.1:8444"',
    'PWD=/home/jane ; USER=root ; COMMAND=/usr/bin/dcv list-sessions',
    'https://host:8443/x mail jane@example.com',
    'ssh://git@host/x',
    'Authorization: ',
    'token=',
    '',
  ])('leaves %j as it is', (text) => {
    expect(mask(text)).toBe(text);
  });
});

/** Long enough that it is in no text by chance. */
const secrets = fc.stringMatching(/^[A-Za-z0-9._~+%-]{2,10}[A-Z]{4}[a-z]{4}[0-9]{4}$/);
const around = fc.stringMatching(/^[a-zA-Z0-9 ,.:;'"{}()?=&/\\-]{0,12}$/);

const FORMS: readonly ((secret: string) => string)[] = [
  (secret) => ` /x?${secret}`,
  (secret) => ` https://h:8443/x?a=${secret}&b=c#d`,
  (secret) => ` request: "GET /x?a=${secret} HTTP/1.1", host: "h"`,
  (secret) => ` /x%3FauthToken%3D${secret} `,
  (secret) => `authToken=${secret}`,
  (secret) => `access_token=${secret}&x`,
  (secret) => `PassWord=${secret};`,
  (secret) => `passwd = ${secret} `,
  (secret) => `client_secret="${secret}"`,
  (secret) => `api-key='x ${secret}'`,
  (secret) => `"authToken":"${secret}",`,
  (secret) => `\\"token\\": \\"${secret}\\"`,
  (secret) => `{"secret" : "a b ${secret}"}`,
  (secret) => `Cookie: a=b; c=${secret}; d`,
  (secret) => `Set-Cookie: "${secret}"; Path=/`,
  (secret) => `Authorization: Basic ${secret}`,
  (secret) => `Proxy-Authorization: Bearer ${secret}\r\n`,
  (secret) => `authorization: Digest a="b", c="${secret}"`,
  (secret) => ` https://user:${secret}@host/`,
];

describe('mask, whatever is around a secret', () => {
  const texts = fc
    .array(fc.tuple(around, fc.constantFrom(...FORMS)), { minLength: 1, maxLength: 4 })
    .map((parts) => (secret: string) => parts.map(([text, form]) => `${text} ${form(secret)}\n`).join(''));

  it('never lets it through, and masks no more the second time', () => {
    fc.assert(
      fc.property(texts, secrets, (text, secret) => {
        const masked = mask(text(secret));
        expect(masked).not.toContain(secret);
        expect(mask(masked)).toBe(masked);
      }),
      { numRuns: 2000 },
    );
  });

  it('masks for good the first time, also what becomes longer by it', () => {
    expect(mask('token://%3fa')).toBe('token://%3f***');
    expect(mask('token://%3f***')).toBe('token://%3f***');
  });

  it('masks any text for good the first time', () => {
    const pieces = fc.constantFrom(
      ...['?', '/', '"', "'", '\\', ' ', '=', ':', 'token', 'password', 'cookie: ', 'authorization: basic '],
      ...['a', '1', '***', '://', '@', ',', '}', '[', ']', '%3f', '%22', '\n', '{"token":', '\\"', 'null'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        const masked = mask(parts.join(''));
        expect(mask(masked)).toBe(masked);
      }),
      { numRuns: 5000 },
    );
  });

  it('leaves JSON readable', () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.tuple(around, fc.constantFrom(...FORMS)).map(([text, form]) => `${text}${form('abcDEF123')}`),
    );
    const keys = fc.constantFrom('token', 'authToken', 'password', 'cookie', 'uri', 'message', 'a');
    const values = fc.oneof(
      texts,
      fc.double({ noNaN: true }),
      fc.constant(null),
      fc.boolean(),
      fc.array(texts),
    );
    const objects = fc.dictionary(
      keys,
      fc.oneof(
        values,
        values.map((value) => JSON.stringify({ token: value })),
      ),
    );
    fc.assert(
      fc.property(objects, (object) => {
        const masked: unknown = JSON.parse(mask(JSON.stringify(object)));
        expect(Object.keys(masked as object)).toEqual(Object.keys(object));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('mask of a text made to be slow', () => {
  it.each([
    '?',
    '/?',
    '? ',
    'token=',
    'token:',
    'token: ',
    'token="\\" ',
    '"token":[',
    '"token":{',
    '://',
    '://a:b@',
    '://a:',
    'cookie: ',
    '%25',
    '\\',
    'authorization: basic ',
    "'",
    '/',
  ])('1 MB of %j takes no longer than its length asks for', (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const started = performance.now();
    mask(`x${text}`);
    mask(`token=${text}`);
    mask(`/${text}`);
    mask(`token:${text}`);
    // linear: 10 to 700 ms on a busy machine; anything quadratic would take minutes
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
