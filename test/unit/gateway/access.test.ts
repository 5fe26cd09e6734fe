import { describe, expect, it } from 'vitest';
import { renderGateway } from '../../../src/gateway/render.ts';
import type { RenderInput } from '../../../src/gateway/rendered.ts';
import type { AgentHost } from '../../../src/inventory/types.ts';
import { type GatewayChanges, agent, gatewaySettings, nginxFacts, twoAgents } from './inventories.ts';

const config = (input: RenderInput): string => renderGateway(input).config;

/** The `allow` and `deny` lines of the gateway, in their order. */
function accessLines(access: GatewayChanges['access'], changes: GatewayChanges = {}): string[] {
  const text = config(twoAgents({ ...changes, ...(access === undefined ? {} : { access }) }));
  return [...text.matchAll(/^\s+((?:allow|deny) [^;]+);$/gm)].map(([, line = '']) => line);
}

// nginx takes the first line that fits: in another order, a network that is denied would be let in.
describe('who may connect', () => {
  const SELF = ['allow 127.0.0.1/32', 'allow ::1/128'];

  it.each<[string, GatewayChanges['access'], string[]]>([
    ['some', { allow: ['10.213.0.0/16'] }, [...SELF, 'allow 10.213.0.0/16', 'deny all']],
    [
      'some but for others, which are refused first',
      { allow: ['10.213.0.0/16'], deny: ['10.213.9.0/24', '10.213.8.0/24'] },
      [...SELF, 'deny 10.213.8.0/24', 'deny 10.213.9.0/24', 'allow 10.213.0.0/16', 'deny all'],
    ],
    ['everybody', { allow: 'any' }, []],
    ['everybody but some', { allow: 'any', deny: ['192.0.2.0/24'] }, [...SELF, 'deny 192.0.2.0/24']],
    [
      'the host itself, whatever is denied',
      { allow: ['10.0.0.0/8'], deny: ['127.0.0.0/8'] },
      [...SELF, 'deny 127.0.0.0/8', 'allow 10.0.0.0/8', 'deny all'],
    ],
  ])('%s', (_, access, lines) => {
    expect(accessLines(access)).toEqual(lines);
  });

  it('the host itself, by the address on which the gateway listens, before anything is denied', () => {
    const lines = accessLines({ deny: ['10.8.0.0/16'] }, { listen: { address: '10.8.0.1', port: 8443 } });
    expect(lines.slice(2, 4)).toEqual(['allow 10.8.0.1/32', 'deny 10.8.0.0/16']);
  });
});

describe('an agent’s own lists', () => {
  const withLists = (access: AgentHost['access'], changes: GatewayChanges = {}): RenderInput => ({
    ...twoAgents({ default: [], ...changes }),
    agents: [agent('agent1', '10.150.248.180', { access }), agent('agent2', '10.150.248.136')],
  });

  /** "NETWORK ok" or "NETWORK shut", a line each, of agent1's clients. */
  function clients(input: RenderInput): string[] {
    const [, block = ''] = /# agent1\ngeo \$dcv_e_\w+ \{\n(.*?)\n\}/s.exec(config(input)) ?? [];
    return [...block.matchAll(/^\s+([^#\s]\S* (?:ok|shut));$/gm)].map(([, line = '']) => line);
  }

  const SELF = ['127.0.0.1/32 ok', '::1/128 ok'];

  it.each<[string, AgentHost['access'], string[]]>([
    [
      'for some',
      { allow: ['10.213.1.0/24', 'fd00:1::/64'], deny: [] },
      ['default shut', ...SELF, '10.213.1.0/24 ok', 'fd00:1::/64 ok'],
    ],
    [
      'for some but for others',
      { allow: ['10.213.1.0/24'], deny: ['10.213.1.7/32'] },
      ['default shut', ...SELF, '10.213.1.0/24 ok', '10.213.1.7/32 shut'],
    ],
    [
      'a deny that holds what is allowed: to geo, the smaller network would win',
      { allow: ['10.213.1.0/24', '10.214.0.0/16'], deny: ['10.213.0.0/16', '10.214.0.0/16'] },
      ['default shut', ...SELF, '10.213.0.0/16 shut', '10.214.0.0/16 shut'],
    ],
    [
      'for all but some',
      { allow: 'any', deny: ['192.0.2.0/24'] },
      ['default ok', ...SELF, '192.0.2.0/24 shut'],
    ],
    [
      'a whole family of addresses, which geo takes for its default',
      { allow: ['0.0.0.0/0', '::/0'], deny: ['0.0.0.0/1', '10.213.1.0/24'] },
      [
        'default shut',
        ...SELF,
        '128.0.0.0/1 ok',
        '::/1 ok',
        '8000::/1 ok',
        '0.0.0.0/1 shut',
        '10.213.1.0/24 shut',
      ],
    ],
    [
      'the host itself once: nginx warns of a network that is there twice',
      { allow: ['127.0.0.1/32', '10.0.0.0/8'], deny: ['::1/128'] },
      ['default shut', ...SELF, '10.0.0.0/8 ok'],
    ],
  ])('%s', (_, access, lines) => {
    expect(clients(withLists(access))).toEqual(lines);
  });

  it('change nothing for gateways whose agents have none', () => {
    expect(config(withLists({ allow: 'any', deny: [] }))).toBe(config(twoAgents({ default: [] })));
    expect(config(withLists({ allow: 'any', deny: [] }))).not.toMatch(/dcv_e_|dcv_entry|shut/);
  });

  // Who may not reach one of them would get there as soon as the others are down.
  it('of a pool’s members count for the default route, all of them', () => {
    const access = { allow: ['10.213.1.0/24'], deny: [] };
    const agents = [
      agent('a', '10.150.248.1', { access }),
      agent('b', '10.150.248.2'),
      agent('c', '10.150.248.3', { access: { ...access, deny: ['10.213.1.7/32'] } }),
    ];
    const text = config({ ...twoAgents(), agents, gateway: gatewaySettings({ default: agents }) });
    expect(text).toMatch(
      /map "\$dcv_e_\w{8} \$dcv_e_\w{8}" \$dcv_entry_default \{\n {4}default shut;\n {4}"~\^ok\(\?: ok\)\*\$" ok;/,
    );
    expect(text).toContain('"ok||no|" $dcv_entry_default;');
    const open = config({
      ...twoAgents(),
      agents,
      gateway: gatewaySettings({ default: agents.slice(1, 2) }),
    });
    expect(open).not.toContain('dcv_entry_default');
  });

  // nginx has little room for names of variables: with one for each agent, a long address, or many agents, is refused.
  it('are written once for all agents that have the same, under a short name that their order leaves alone', () => {
    const lists = (...allow: string[]): AgentHost['access'] => ({ allow, deny: [] });
    const agents = [
      agent('a', 'fd12:3456:789a:bcde:1234:5678:ab:def', { access: lists('10.1.0.0/16', '10.2.0.0/16') }),
      agent('b', '10.150.248.2', { access: lists('10.2.0.0/16', '10.1.0.0/16') }),
      agent('c', '10.150.248.3', { access: lists('10.2.0.0/16') }),
    ];
    const names = (order: readonly AgentHost[]): string[] =>
      [...config({ ...twoAgents({ default: [] }), agents: order }).matchAll(/^geo \$(dcv_e_\w+) /gm)].map(
        ([, name = '']) => name,
      );
    expect(names(agents)).toHaveLength(2);
    expect(Math.max(...names(agents).map((name) => name.length))).toBeLessThan(15);
    expect(names([...agents].reverse())).toEqual(names(agents));
    const [a, b, c] = agents as [AgentHost, AgentHost, AgentHost];
    expect(names([{ ...c, name: 'z' }, a, b])).toEqual(names(agents));
  });

  it('count for whoever is led to the path of an agent, too', () => {
    const access = { allow: ['10.213.1.0/24'], deny: [] };
    const agents = [agent('a', '10.150.248.1', { access }), agent('b', '10.150.248.2')];
    const gateway = gatewaySettings({ default: agents, defaultBy: 'redirect' });
    const text = config({ ...twoAgents(), agents, gateway });
    expect(text).toContain('"~^ok(?: ok)*$" front;');
    expect(text).toContain('"front||no|" $dcv_entry_default;');
  });

  it('are refused before anything that would tell what the agent is doing', () => {
    const [, first] = /\$dcv_action \{\n\s+default deny;\n\s+(.*)\n/.exec(
      config(withLists({ allow: ['10.0.0.0/8'], deny: [] })),
    ) ?? [undefined, ''];
    expect(first).toBe('"~^shut\\|" shut;');
  });
});

describe('load balancers in front', () => {
  const behind = (...realIpFrom: string[]): RenderInput => twoAgents({ access: { realIpFrom } });

  it('are believed about the client, and nobody else is', () => {
    expect(config(behind('10.9.0.6/32', '10.9.0.5/32'))).toContain(
      [
        '    set_real_ip_from 10.9.0.5/32;',
        '    set_real_ip_from 10.9.0.6/32;',
        '    real_ip_header X-Forwarded-For;',
        '    real_ip_recursive on;\n',
      ].join('\n'),
    );
    expect(config(behind())).not.toMatch(/real_ip/);
  });

  // Whoever can write the header would be this host, which may do everything.
  it('are not believed that somebody is this host, whatever it listens on', () => {
    const listen = { address: '10.8.0.1', port: 8443 };
    const text = config(twoAgents({ listen, access: { realIpFrom: ['10.9.0.5/32'] } }));
    const self = '    default 0;\n    127.0.0.1/32 1;\n    ::1/128 1;\n    10.8.0.1/32 1;\n';
    expect(text).toContain(`geo $dcv_named_self {\n${self}`);
    expect(text).toContain(`geo $realip_remote_addr $dcv_is_self {\n${self}`);
    expect(text).toContain('map "$dcv_admitted|$dcv_agent|');
  });

  it('need an nginx that has the module: without it, everybody would have the balancer’s address', () => {
    const modules = { ssl: true, http2: true, stubStatus: true, realip: false };
    const nginx = nginxFacts([1, 22, 1], { modules });
    expect(() => config({ ...behind('10.9.0.5/32'), nginx })).toThrow(
      /without http_realip_module, which gateway\.access\.real_ip_from needs/,
    );
    expect(config({ ...behind(), nginx })).toBe(config(behind()));
  });
});

describe('limits', () => {
  const rendered = (rate: { requests: number; handshakes: number; connections: number } | 'off'): string =>
    config(twoAgents({ access: { rate } }));

  it('are the inventory’s figures, with ten seconds’ worth at once', () => {
    const text = rendered({ requests: 7, handshakes: 3, connections: 20 });
    expect(text).toMatch(/zone=dcv_requests_\w+:10m rate=7r\/s;/);
    expect(text).toMatch(/zone=dcv_handshakes_\w+:10m rate=3r\/s;/);
    expect(text).toMatch(/limit_req zone=dcv_requests_\w+ burst=70 nodelay;/);
    expect(text).toMatch(/limit_req zone=dcv_handshakes_\w+ burst=30 nodelay;/);
    expect(text).toMatch(/limit_conn dcv_connections_\w+ 20;/);
  });

  it('are separate for passwords, while the gateway asks for them', () => {
    const text = config(twoAgents({ access: { basic: true } }));
    expect(text).toMatch(/zone=dcv_guesses_\w+:10m rate=5r\/s;/);
    expect(text).toMatch(/limit_req zone=dcv_guesses_\w+ burst=250 nodelay;/);
    expect(config(twoAgents())).not.toContain('guess');
    expect(config(twoAgents({ access: { basic: true, rate: 'off' } }))).not.toContain('guess');
  });

  it('have room for 50 people behind one address whose browsers ask for everything at once', () => {
    const text = config(twoAgents());
    const figures = [...text.matchAll(/limit_conn dcv_\w+ (\d+);/g)].map(([, figure]) => Number(figure));
    expect(figures).toHaveLength(2);
    expect(Math.min(...figures)).toBeGreaterThan(50 * (100 + 10));
  });

  it('are not there at all when off', () => {
    expect(rendered('off')).not.toMatch(/limit_(?:req|conn)(?:_zone)? /);
  });

  // nginx refuses another key for a zone that is in use, after it reported a good reload; another rate is fine.
  it('count in zones whose names stay when only the figures change', () => {
    const zones = (text: string): string[] =>
      [...text.matchAll(/zone=(dcv_\w+):10m/g)].map(([, name = '']) => name);
    const some = zones(rendered({ requests: 7, handshakes: 3, connections: 20 }));
    expect(some).toHaveLength(4);
    expect(zones(rendered({ requests: 900, handshakes: 90, connections: 9 }))).toEqual(some);
  });
});
