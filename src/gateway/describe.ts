/** What people would notice of a gateway: which agents it names, and who may connect. */
export interface GatewayDescription {
  readonly agents: readonly { readonly name: string; readonly address: string }[];
  /** Networks, or "any" alone. */
  readonly allow: readonly string[];
}

/**
 * Reads a configuration that `renderGateway` wrote, of this or an older release. Returns undefined for any other file.
 */
export function describeGateway(config: string): GatewayDescription | undefined {
  if (!/^# release: [0-9a-f]{12}$/m.test(config)) return undefined;
  const agents = [
    ...config.matchAll(
      /^# (\S+)\nupstream dcv_\S+ \{\n\s+zone [^;]+;\n\s+server \[?([0-9a-fA-F.:]+?)\]?:[0-9]+[ ;]/gm,
    ),
  ].map((match) => ({ name: match[1] ?? '', address: match[2] ?? '' }));
  const networks = /^\s+# the inventory's access\.allow\n((?:\s+allow [^;]+;\n)*)\s+deny all;$/m.exec(
    config,
  )?.[1];
  const allow =
    networks === undefined
      ? undefined
      : [...networks.matchAll(/allow ([^;]+);/g)].map((match) => match[1] ?? '');
  return { agents, allow: allow ?? ['any'] };
}
