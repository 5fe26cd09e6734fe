import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUTHORITY, type TestGateway, ask, startGateway } from './gateway.ts';

/* An agent whose DCV has a web-url-path serves nothing at /: without its path every desktop on it is a 404. */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(
    {},
    [],
    (config) => config,
    (agents) =>
      agents.map((agent) => {
        if (agent.name === 'agent1') return { ...agent, webUrlPath: '/desk1' };
        return agent.name === 'six' ? { ...agent, webUrlPath: '/d/fd00-5' } : agent;
      }),
  );
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.received();
});

const asked = (name: string): string | undefined => gateway.received()[name]?.split('\r\n')[0];

describe('an agent with a web_url_path', () => {
  it.each([
    ['agent1', '/10.150.248.180/', '/desk1/'],
    ['agent1', '/10.150.248.180/a%2Fb?x=1&y=%20', '/desk1/a%2Fb?x=1&y=%20'],
    ['six', '/fd00:150::5/auth', '/d/fd00-5/auth'],
    ['six', '/%5Bfd00:0150:0::5%5D/auth', '/d/fd00-5/auth'],
    // the default agent is agent1
    ['agent1', '/css/x.css?v=1', '/desk1/css/x.css?v=1'],
    // the others are asked as ever
    ['agent2', '/10.150.248.136/x', '/x'],
    ['unlisted', '/10.150.248.77/desk1/x', '/desk1/x'],
  ])('%s: %s is asked for as %s', async (name, target, path) => {
    expect((await ask(gateway, target)).status).toBe(200);
    expect(asked(name)).toBe(`GET ${path} HTTP/1.1`);
  });

  it.each([
    ['/10.150.248.180/x', '/desk1/login', '/10.150.248.180/login'],
    ['/10.150.248.180/x', '/desk1/', '/10.150.248.180/'],
    ['/10.150.248.180/x', '/login', '/10.150.248.180/login'],
    ['/10.150.248.180/x', '/10.150.248.180/login', '/10.150.248.180/login'],
    ['/10.150.248.180/x', `https://${AUTHORITY}/desk1/login?a=b`, '/10.150.248.180/login?a=b'],
    ['/10.150.248.180/x', 'https://10.150.248.180:8443/desk1/login', '/10.150.248.180/login'],
    ['/10.150.248.180/x', 'https://elsewhere.example/desk1/', 'https://elsewhere.example/desk1/'],
    ['/10.150.248.180/x', '//elsewhere.example/', '//elsewhere.example/'],
    ['/10.150.248.136/x', '/desk1/login', '/10.150.248.136/desk1/login'],
    ['/10.150.248.136/x', '//elsewhere.example/', '//elsewhere.example/'],
    ['/10.150.248.136/x', '/login', '/10.150.248.136/login'],
    ['/10.150.248.136/x', 'https://10.150.248.136:8443/login', '/10.150.248.136/login'],
    ['/x', '/desk1/login', '/login'],
    ['/x', '/login', '/login'],
  ])('from %s, sent on to %s, leads to %s', async (target, location, expected) => {
    const headers = { 'X-Want-Status': '302', 'X-Want-Location': location };
    expect((await ask(gateway, target, { headers })).headers['location']).toBe(expected);
  });

  it.each([
    ['/10.150.248.180/x', '/desk1/', '/10.150.248.180/'],
    ['/10.150.248.180/x', '/desk1', '/10.150.248.180'],
    ['/10.150.248.180/x', '/', '/10.150.248.180/'],
    ['/10.150.248.136/x', '/desk1/', '/10.150.248.136/desk1/'],
    ['/x', '/desk1/a', '/a'],
  ])('from %s, a cookie for %s is one for %s', async (target, path, expected) => {
    const headers = { 'X-Want-Set-Cookie': `a=b; Path=${path}; Secure` };
    expect((await ask(gateway, target, { headers })).headers['set-cookie']).toBe(
      `a=b; Path=${expected}; Secure`,
    );
  });
});

describe('an agent whose path is its own address, as load balancers have it', () => {
  let alike: TestGateway;
  beforeAll(async () => {
    alike = await startGateway(
      { default: [] },
      [],
      (config) => config,
      (agents) =>
        agents.map((agent) =>
          agent.name === 'agent2' ? { ...agent, webUrlPath: '/10.150.248.136' } : agent,
        ),
    );
  });
  afterAll(() => alike.stop());

  it('gets the whole path, and its answers stay as they are', async () => {
    const headers = {
      'X-Want-Status': '302',
      'X-Want-Location': '/10.150.248.136/login',
      'X-Want-Set-Cookie': 'a=b; Path=/10.150.248.136/; Secure',
    };
    const answer = await ask(alike, '/10.150.248.136/x%2Fy?z', { headers });
    expect(alike.received()['agent2']?.split('\r\n')[0]).toBe('GET /10.150.248.136/x%2Fy?z HTTP/1.1');
    expect(answer.headers).toMatchObject({
      location: '/10.150.248.136/login',
      'set-cookie': 'a=b; Path=/10.150.248.136/; Secure',
    });
  });
});
