import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DEAD_AGENT,
  type Question,
  type RawResponse,
  SILENT_AGENT,
  STRANGER,
  type TestGateway,
  ask,
  startGateway,
} from './gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ default: [] }, [], (config) =>
    config.replace('proxy_connect_timeout 5s', 'proxy_connect_timeout 1s'),
  );
});
afterAll(() => gateway.stop());

/** Asks as a browser does. */
async function askForPage(target: string, language: string, question: Question = {}): Promise<RawResponse> {
  const headers = { Accept: 'text/html,*/*;q=0.8', 'Accept-Language': language, ...question.headers };
  const answer = await ask(gateway, target, { ...question, headers });
  return { ...answer, body: Buffer.from(answer.body, 'latin1').toString() };
}

const heading = ({ body }: RawResponse): string | undefined => /<h1>(.*)<\/h1>/.exec(body)?.[1];

// Who sees a bare number instead asks the operator, who then asks for what was on the screen.
describe('an error is a page that says what happened', () => {
  it.each<[string, number, string, string, Question?]>([
    ['/10.99.1.1/', 403, 'This gateway does not lead there', 'このアドレスには接続できません'],
    [
      '/10.150.248.180/',
      403,
      'This gateway is not open to your network',
      'お使いのネットワークからは接続できません',
      { from: STRANGER },
    ],
    ['/10.0.0.256/', 404, 'This is no valid address', 'アドレスが正しくありません'],
    ['/', 404, 'The link names no desktop', 'デスクトップが指定されていません'],
    [
      '/10.150.248.180/upload',
      413,
      'The file is too large',
      'ファイルのサイズが大きすぎます',
      { method: 'PUT', headers: { 'Content-Length': '20000000000' } },
    ],
    [`/${DEAD_AGENT}/`, 502, 'The desktop host did not answer', 'デスクトップホストが応答しません'],
    [
      `/${SILENT_AGENT}/`,
      504,
      'The desktop host took too long to answer',
      'デスクトップホストが時間内に応答しませんでした',
    ],
    [
      '/10.150.248.180/',
      508,
      'The link leads back to a gateway',
      '接続先がゲートウェイになっています',
      { headers: { 'X-DCV-Gateway': '1' } },
    ],
  ])('%s: %s', async (target, status, english, japanese, question) => {
    for (const [language, title] of [
      ['en', english],
      ['ja', japanese],
    ] as const) {
      const answer = await askForPage(target, language, question);
      const number = answer.headers['x-request-id'] ?? 'none';
      expect(answer.status).toBe(status);
      expect(answer.body).toContain(`<html lang="${language}">`);
      expect(answer.body).toContain(`<title>${title}</title>`);
      expect(heading(answer)).toBe(title);
      expect(answer.body).toContain(`<code>${number}</code>`);
      expect(number).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  it('of no interest to caches, other pages and other types', async () => {
    const { headers } = await askForPage('/10.99.1.1/', 'ja');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-language': 'ja',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/^default-src 'none'; .*; frame-ancestors 'none'$/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('names the host that did not answer, and nothing else that the client wrote', async () => {
    expect((await askForPage(`/${DEAD_AGENT}/`, 'en')).body).toContain(`<dd>${DEAD_AGENT}</dd>`);
    const { body } = await askForPage('/10.99.1.1/"><script>alert(1)</script>?x=<b>evil', 'en', {
      headers: { 'User-Agent': '<i>evil', Referer: 'https://evil.example' },
    });
    expect(body).not.toMatch(/alert|evil/);
  });

  it('or JSON in English for everything else than a browser', async () => {
    const answer = await ask(gateway, '/10.99.1.1/', { headers: { 'Accept-Language': 'ja' } });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual({
      error: {
        status: 403,
        stage: 'deny',
        reason: 'agent address is not served by this gateway',
        agent: '10.99.1.1',
        request_id: answer.headers['x-request-id'],
      },
    });
  });
});

describe('the language', () => {
  it.each([
    ['ja', 'ja'],
    ['JA-jp', 'ja'],
    ['ja;q=0.9', 'ja'],
    ['ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7', 'ja'],
    ['de, fr;q=0.9 , ja;q=0.5', 'ja'],
    ['en-US,en;q=0.9,ja;q=0.8', 'en'],
    ['fr,en;q=0.5,ja;q=0.4', 'en'],
    ['de', 'en'],
    ['*', 'en'],
    ['jam,x-ja', 'en'],
    [`${' '.repeat(3000)}${'x,'.repeat(3000)}`, 'en'],
    ['', 'en'],
  ])('of a browser that says %j is %s', async (accepted, language) => {
    expect((await askForPage('/10.99.1.1/', accepted)).headers['content-language']).toBe(language);
  });
});
