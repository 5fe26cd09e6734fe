import { createTwoFilesPatch } from 'diff';
import { describe, expect, it } from 'vitest';
import type { Version } from '../../../src/gateway/nginx-facts.ts';
import { isUnedited, releaseIdOf } from '../../../src/gateway/release.ts';
import { renderGateway } from '../../../src/gateway/render.ts';
import type { RenderInput } from '../../../src/gateway/rendered.ts';
import { agent, gatewaySettings, nginxFacts, proxy, twoAgents } from './inventories.ts';

const config = (input: RenderInput): string => renderGateway(input).config;

/** The configuration without comments, one directive a line, as far as a test looks at it. */
function directives(input: RenderInput): string[] {
  return config(input)
    .split('\n')
    .map((line) => line.replace(/(^|\s)# .*$/, '').trim())
    .filter((line) => line !== '');
}

const poolWithIPv6 = (): RenderInput => {
  const agents = [agent('gpu-1', '10.0.1.11'), agent('gpu-2', '10.0.1.12'), agent('six', 'fd00:150::5')];
  return {
    gateway: gatewaySettings({
      listen: { address: '10.8.0.1', port: 443 },
      url: 'https://desktops.example.com',
      tls: { kind: 'self-signed', certificate: '/etc/ssl/dcv/gateway.crt', key: '/etc/ssl/dcv/gateway.key' },
      default: agents.slice(0, 2),
      agentNetworks: ['10.0.0.0/8', 'fd00:150::/64'],
      access: { allow: ['10.8.0.0/16', 'fd00:8::/48'] },
    }),
    agents,
    proxy: proxy('gw.example.com'),
    sessionId: 'desktop-session',
    nginx: nginxFacts([1, 22, 1], { ownAddresses: ['127.0.0.1', '10.8.0.1', '10.0.1.1', '172.17.0.1'] }),
  };
};

const openWithoutAgents = (): RenderInput => ({
  gateway: gatewaySettings({ access: { allow: 'any' }, agentNetworks: ['0.0.0.0/0', '::/0'] }),
  agents: [],
  proxy: proxy(),
  sessionId: 'desktop-session',
  nginx: nginxFacts([1, 22, 1], { hasIPv6: false, ownAddresses: [] }),
});

// Somebody changed the rendering without meaning to: every gateway would be changed by the next deploy.
describe('what is rendered', () => {
  it.each([
    ['two-agents', twoAgents()],
    ['pool-with-ipv6', poolWithIPv6()],
    ['open-without-agents', openWithoutAgents()],
  ])('for %s is as the snapshot says', async (name, input) => {
    await expect(config(input)).toMatchFileSnapshot(`snapshots/${name}.conf`);
  });

  // Each minor version, with an OpenSSL that it is found with; 1.23.2 and 1.25.1 are where directives change.
  it.each<[string, Version, Version | undefined]>([
    ['1.18.0', [1, 18, 0], [1, 1, 1]],
    ['1.19.10', [1, 19, 10], [1, 1, 1]],
    ['1.20.1', [1, 20, 1], [1, 0, 2]],
    ['1.21.6', [1, 21, 6], [1, 1, 1]],
    ['1.23.1', [1, 23, 1], [3, 0, 19]],
    ['1.23.2', [1, 23, 2], [3, 0, 19]],
    ['1.24.0', [1, 24, 0], [3, 0, 19]],
    ['1.25.0', [1, 25, 0], [3, 0, 19]],
    ['1.25.1', [1, 25, 1], [3, 0, 19]],
    ['1.26.3', [1, 26, 3], [3, 5, 0]],
    ['1.27.5', [1, 27, 5], [3, 0, 19]],
    ['1.28.0', [1, 28, 0], [3, 5, 0]],
    ['1.29.3', [1, 29, 3], [3, 5, 0]],
    ['1.30.4', [1, 30, 4], [3, 5, 0]],
    ['1.31.4', [1, 31, 4], undefined],
  ])('for nginx %s differs from 1.22.1 just as the snapshot says', async (name, version, openssl) => {
    const base = twoAgents();
    const other = config({ ...base, nginx: nginxFacts(version, { openssl }) });
    const patch = createTwoFilesPatch(
      'nginx 1.22.1',
      `nginx ${name}`,
      config(base),
      other,
      undefined,
      undefined,
      {
        context: 1,
      },
    );
    await expect(patch).toMatchFileSnapshot(`snapshots/nginx-${name}.patch`);
  });
});

describe('the release id', () => {
  it('is the same for the same inventory in another order', () => {
    const input = poolWithIPv6();
    const turned: RenderInput = {
      ...input,
      agents: [...input.agents].reverse(),
      gateway: {
        ...input.gateway,
        default: [...input.gateway.default].reverse(),
        agentNetworks: [...input.gateway.agentNetworks].reverse(),
        access: { ...input.gateway.access, allow: ['fd00:8::/48', '10.8.0.0/16'] },
      },
      nginx: { ...input.nginx, ownAddresses: [...input.nginx.ownAddresses].reverse() },
    };
    expect(renderGateway(turned)).toEqual(renderGateway(input));
  });

  it('changes with the content', () => {
    const { releaseId } = renderGateway(twoAgents());
    expect(renderGateway(twoAgents({ default: [] })).releaseId).not.toBe(releaseId);
  });

  it('does not change when nginx gets a bug fix, or a container bridge appears on the proxy', () => {
    const base = twoAgents();
    const later = {
      ...base,
      nginx: nginxFacts([1, 22, 2], { ownAddresses: [...base.nginx.ownAddresses, '172.17.0.1', 'fe80::1'] }),
    };
    expect(renderGateway(later).releaseId).toBe(renderGateway(base).releaseId);
  });

  it('is in the header, in /health and on the status server', () => {
    const { releaseId, config: text, files } = renderGateway(twoAgents());
    expect(releaseId).toMatch(/^[0-9a-f]{12}$/);
    expect(releaseIdOf(text)).toBe(releaseId);
    expect(text).toContain(`{"status":"ok","release":"${releaseId}"}`);
    expect(text).toContain(`{"release":"${releaseId}","pid":$pid`);
    expect(files).toEqual([{ path: '/etc/nginx/conf.d/dcv-gateway.conf', mode: 0o644, content: text }]);
  });

  it('shows whether somebody edited the file by hand', () => {
    const text = config(twoAgents());
    expect(isUnedited(text)).toBe(true);
    expect(isUnedited(text.replace('10g', '20g'))).toBe(false);
    expect(isUnedited('server { listen 8443 ssl; }')).toBe(false);
  });
});

// A request that reaches an address outside the inventory's networks turns the gateway into a way into the private network.
describe('the addresses that may be reached', () => {
  it('never include the gateway itself, by any address that the networks would allow', () => {
    const lines = directives(poolWithIPv6());
    expect(lines).toContain('10.8.0.1/32 0;'); // where it listens
    expect(lines).toContain('10.0.1.1/32 0;'); // as the host reports
    expect(lines).not.toContain('172.17.0.1/32 0;'); // not in any network: refused anyway
  });

  it('include DCV on the proxy itself when the gateway has a port of its own', () => {
    const here = agent('here', '10.8.0.1');
    const input = poolWithIPv6();
    expect(directives({ ...input, agents: [...input.agents, here] })).not.toContain('10.8.0.1/32 0;');
    const samePort = { ...input.gateway, listen: { address: '10.8.0.1', port: 8443 } };
    expect(directives({ ...input, gateway: samePort, agents: [...input.agents, here] })).toContain(
      '10.8.0.1/32 0;',
    );
  });

  it.each(['127.0.0.0/8', '127.0.0.5/32', '169.254.169.254/32', '224.0.0.0/4', 'fe80::/64', '::1/128'])(
    'never include %s: an inventory that asks for it is refused',
    (entry) => {
      expect(() => config(twoAgents({ agentNetworks: [entry] }))).toThrow(
        /gateway\.agent_networks: .* never serves/,
      );
    },
  );

  it('name the agent that is never served', () => {
    const input = twoAgents({ agentNetworks: ['0.0.0.0/0'] });
    expect(() => config({ ...input, agents: [agent('meta', '169.254.169.254')] })).toThrow(/agent meta: /);
  });
});

describe('access', () => {
  it('is closed to everybody but access.allow and the host itself, by which checks through SSH come', () => {
    const lines = directives(poolWithIPv6());
    const start = lines.indexOf('allow 127.0.0.1/32;');
    expect(lines.slice(start, start + 6)).toEqual([
      'allow 127.0.0.1/32;',
      'allow ::1/128;',
      'allow 10.8.0.1/32;',
      'allow 10.8.0.0/16;',
      'allow fd00:8::/48;',
      'deny all;',
    ]);
  });

  it('is open only where the inventory says "any"', () => {
    expect(directives(twoAgents({ access: { allow: [] } }))).toContain('deny all;');
    expect(directives(openWithoutAgents()).filter((line) => /^(allow|deny) /.test(line))).toEqual([]);
  });
});

describe('names', () => {
  // DCV's web client asks the default agent for /auth and /ws: a redirect there breaks every desktop without an address.
  it.each(['health', 'portal', 'auth', 'ws', 'version'])(
    'an agent called %s does not take that path',
    (name) => {
      const agents = [agent(name, '10.150.248.180'), agent('other', '10.150.248.136')];
      const text = config({ ...twoAgents(), agents });
      expect(text).toContain('"~^/other$" "10.150.248.136";');
      expect(text).not.toContain(`"~^/${name}$"`);
    },
  );

  it('with what nginx reads as syntax stay inside their quotes', () => {
    const agents = [agent('a"; } server { listen 1; #$x', '10.150.248.180')];
    const text = config({ ...twoAgents({ default: [] }), agents });
    expect(text).toContain('# a"; } server { listen 1; #$x\n');
    expect(text.match(/^server \{$/gm)).toHaveLength(2);
  });

  it('with a line break are refused', () => {
    const agents = [agent('a\nserver {}', '10.150.248.180')];
    expect(() => config({ ...twoAgents({ default: [] }), agents })).toThrow(/control character/);
  });
});

describe('what depends on the proxy', () => {
  it('an nginx that is too old is refused with its version', () => {
    expect(() => config({ ...twoAgents(), nginx: nginxFacts([1, 14, 2]) })).toThrow(
      /nginx 1\.14\.2 is too old/,
    );
  });

  it('without HTTP/2, without counters and without IPv6 it does without', () => {
    const nginx = nginxFacts([1, 28, 0], {
      hasIPv6: false,
      modules: { ssl: true, http2: false, stubStatus: false, realip: false },
    });
    const lines = directives({ ...twoAgents(), nginx });
    expect(lines.filter((line) => /http2 on|stub_status|\[::\]/.test(line))).toEqual([]);
    expect(lines).toContain('listen 8443 ssl default_server so_keepalive=60s:10s:6;');
  });
});

it('uses nothing of nginx that the fixes of 2026 were about: no rewrite, no numbered captures, no resolver', () => {
  for (const input of [twoAgents(), poolWithIPv6(), openWithoutAgents()]) {
    const lines = directives(input);
    expect(lines.filter((line) => /^(rewrite|resolver) |\$[0-9]/.test(line))).toEqual([]);
  }
});

it('gives every map, zone and upstream the prefix that keeps it apart from the host’s other files', () => {
  const names = directives(poolWithIPv6()).flatMap((line) => {
    const match =
      /^(?:map|geo) .*(\$\w+) \{$|^upstream (\S+) \{$|zone=(\w+):|^log_format (\S+)|shared:(\w+):/.exec(line);
    return match === null ? [] : match.slice(1).filter(Boolean);
  });
  expect(names.length).toBeGreaterThan(25);
  expect(names.filter((name) => !/^\$?dcv_/.test(name))).toEqual([]);
});
