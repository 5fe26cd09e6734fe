import { linesOf } from './lines.ts';

/** The keys of dcv.conf that the Administrator Guide documents and that hold no secret; extra HTTP headers may. */
export const CONF_KEYS: readonly string[] = [
  // connectivity
  ...[
    'web-port',
    'web-listen-endpoints',
    'quic-listen-endpoints',
    'web-url-path',
    'web-root',
    'web-use-hsts',
  ],
  ...['web-x-frame-options', 'enable-quic-frontend', 'quic-port', 'idle-timeout', 'idle-timeout-warning'],
  ...['ws-keepalive-interval'],
  // security
  ...['authentication', 'pam-service-name', 'auth-token-verifier', 'auth-token-verifier-timeout'],
  ...['no-tls-strict', 'ca-file', 'allowed-http-host-regex', 'allowed-ws-origin-regex'],
  ...['authentication-threshold', 'max-connections-per-user', 'connection-estab-timeout'],
  ...['connection-setup-timeout', 'auth-connection-setup-timeout', 'os-auto-lock', 'server-fqdn'],
  ...['administrators'],
  // session-management, its defaults, and the automatic console session
  ...['create-session', 'enable-gl-in-virtual-sessions', 'max-concurrent-clients', 'max-concurrent-sessions'],
  ...['max-sessions-per-user', 'virtual-session-xdcv-args', 'virtual-session-source-profile'],
  ...['virtual-session-default-layout', 'virtual-session-font-path', 'permissions-file', 'owner'],
  ...['storage-root', 'client-eviction-policy'],
  // display/linux, license, log
  ...['gl-displays', 'license-file', 'level', 'directory', 'rotate', 'max-file-size', 'rotation-interval'],
  ...['rotation-suffix', 'transfer-audit'],
];

/**
 * Reads lines of dcv.conf (a GKeyFile of GVariant values): `section/key` → the value's text, strings without their quotes.
 * Of two equal keys the last one counts, as it does for DCV. Pure.
 */
export function readConf(text: string | undefined): Record<string, string> {
  const values: Record<string, string> = {};
  let section = '';
  for (const line of linesOf(text).map((one) => one.trim())) {
    const heading = /^\[([^\]]*)\]$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const [, key, value = ''] = /^([^#=\s[][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined) values[`${section}/${key}`] = unquoted(value);
  }
  return values;
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
}
