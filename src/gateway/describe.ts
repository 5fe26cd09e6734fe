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
  ].map(([, name = '', key = '', address = '']) => ({ name, address, ...listsOfAgent(config, key) }));
  const allow = networksBelow("the inventory's access.allow", config);
  return {
    agents,
    allow: allow ?? ['any'],
    deny: networksBelow("the inventory's access.deny", config) ?? [],
    agentNetworks: networksBelow("the inventory's agent_networks", config) ?? [],
  };
}

/** An agent without lists is for everyone whom the gateway lets in. */
function listsOfAgent(config: string, key: string): AccessLists {
  const start = config.indexOf(`\ngeo $${key.replace(/^dcv_/, 'dcv_entry_')} {\n`);
  if (start === -1) return { allow: ['any'], deny: [] };
  const block = config.slice(start, config.indexOf('\n}\n', start) + 1);
  return {
    allow: block.includes('default ok;') ? ['any'] : (networksBelow('its access.allow', block) ?? []),
    deny: networksBelow('its access.deny', block) ?? [],
  };
}

/** The networks in the lines that follow a comment, up to the next one or to `deny all`; undefined: no such comment. */
function networksBelow(comment: string, config: string): string[] | undefined {
  const [, text] = config.split(`# ${comment}\n`, 2);
  if (text === undefined) return undefined;
  const [lines = ''] = /^(?:\s+(?:(?:allow|deny) )?[0-9a-f:.]+\/[0-9]+(?: \w+)?;\n)*/.exec(text) ?? [];
  return [...lines.matchAll(/[0-9a-f:.]+\/[0-9]+/g)].map(([network]) => network);
}
