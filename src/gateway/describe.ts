/** Who is let in. Networks, or "any" alone in `allow`; `deny` wins. */
export interface AccessLists {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** What people would notice of a gateway: which agents it names, and who may connect. */
export interface GatewayDescription extends AccessLists {
  readonly agents: readonly (AccessLists & { readonly name: string; readonly address: string })[];
  /** Where else it connects to. */
  readonly agentNetworks: readonly string[];
  /** Is everybody asked for a name and a password? */
  readonly asksLogin: boolean;
  /** Whose word about a client's address is taken: load balancers. */
  readonly realIpFrom: readonly string[];
}

/**
 * Reads a configuration that `renderGateway` wrote, of this or an older release. Returns undefined for any other file.
 */
export function describeGateway(config: string): GatewayDescription | undefined {
  if (!/^# release: [0-9a-f]{12}$/m.test(config)) return undefined;
  const agents = [
    ...config.matchAll(
      /^# (\S+)\nupstream (dcv_\S+) \{\n\s+zone [^;]+;\n\s+server \[?([0-9a-fA-F.:]+?)\]?:[0-9]+[ ;]/gm,
    ),
  ].map(([, name = '', , address = '']) => ({ name, address, ...listsOfAgent(config, address) }));
  const allow = networksBelow("the inventory's access.allow", config);
  return {
    agents,
    allow: allow ?? ['any'],
    deny: networksBelow("the inventory's access.deny", config) ?? [],
    agentNetworks: networksBelow("the inventory's agent_networks", config) ?? [],
    asksLogin: /^\s+auth_basic /m.test(config),
    realIpFrom: [...config.matchAll(/^\s+set_real_ip_from ([^;]+);$/gm)].map(([, network = '']) => network),
  };
}

/** An agent without lists is for everyone whom the gateway lets in. */
function listsOfAgent(config: string, address: string): AccessLists {
  const names = blockOf('geo $dcv_asked $dcv_closed', config);
  const lines = [...names.matchAll(/^\s+(\S+)\/[0-9]+ (\w+);$/gm)];
  const name = lines.find(([, closed]) => closed === address)?.[2];
  if (name === undefined) return { allow: ['any'], deny: [] };
  const block = blockOf(`geo $${name}`, config);
  return {
    allow: block.includes('default ok;') ? ['any'] : (networksBelow('its access.allow', block) ?? []),
    deny: networksBelow('its access.deny', block) ?? [],
  };
}

function blockOf(head: string, config: string): string {
  const start = config.indexOf(`\n${head} {\n`);
  return start === -1 ? '' : config.slice(start, config.indexOf('\n}\n', start) + 1);
}

/** The networks in the lines that follow a comment, up to the next one or to `deny all`; undefined: no such comment. */
function networksBelow(comment: string, config: string): string[] | undefined {
  const [, text] = config.split(`# ${comment}\n`, 2);
  if (text === undefined) return undefined;
  const [lines = ''] = /^(?:\s+(?:(?:allow|deny) )?[0-9a-f:.]+\/[0-9]+(?: \w+)?;\n)*/.exec(text) ?? [];
  return [...lines.matchAll(/[0-9a-f:.]+\/[0-9]+/g)].map(([network]) => network);
}
