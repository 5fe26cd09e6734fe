import type { VariantType } from './gvariant.ts';

/**
 * When a changed value counts: within seconds, for the next session, for the next connection, or from dcvserver's next start
 * on, which ends all sessions.
 */
export type Reload = 'live' | 'connection' | 'session' | 'restart';

/** A setting of dcv.conf, as the Administrator Guide's parameter reference has it. */
export interface DcvKey {
  readonly section: string;
  readonly key: string;
  readonly type: VariantType;
  /** As it would be written. */
  readonly byDefault: string;
  readonly reload: Reload;
  /** The only words that are allowed. */
  readonly words?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** What a text has to look like, with how that is said. */
  readonly pattern?: { readonly is: RegExp; readonly allowed: string };
  /** May the value be a secret? It is shown nowhere. */
  readonly secret?: true;
}

type Limits = Partial<Pick<DcvKey, 'words' | 'min' | 'max' | 'pattern' | 'secret'>>;
type Row = readonly [key: string, type: VariantType, byDefault: string, reload: Reload, limits?: Limits];

function section(name: string, rows: readonly Row[]): DcvKey[] {
  return rows.map(([key, type, byDefault, reload, limits]) => ({
    section: name,
    key,
    type,
    byDefault,
    reload,
    ...limits,
  }));
}

const PORT: Limits = { min: 1024, max: 65_535 };
const FROM_ZERO: Limits = { min: 0 };
const UNLIMITED_OR_MORE: Limits = { min: -1 };
const FILE: Limits = { pattern: { is: /^(?:\/.*)?$/, allowed: 'an absolute path' } };
const EXPRESSION: Limits = { pattern: { is: /^./, allowed: 'a regular expression' } };

const CIPHERS = [
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-RSA-AES256-SHA384',
].join(':');

/** What is documented. A default that the reference does not give is the one that was seen. Where no reload context is given, a restart is. */
export const DCV_KEYS: readonly DcvKey[] = [
  ...section('connectivity', [
    ['web-port', 'i', '8443', 'restart', PORT],
    ['web-listen-endpoints', 'as', "['0.0.0.0', '::']", 'restart'],
    ['quic-listen-endpoints', 'as', "['0.0.0.0', '::']", 'restart'],
    [
      'web-url-path',
      's',
      "'/'",
      'restart',
      { pattern: { is: /^\/\S*$/, allowed: 'a path that begins with /' } },
    ],
    ['web-root', 's', "''", 'restart', FILE],
    ['web-use-hsts', 'b', 'true', 'restart'],
    ['web-x-frame-options', 's', "'DENY'", 'restart'],
    ['web-extra-http-headers', 'a(ss)', '[]', 'restart', { secret: true }],
    ['enable-quic-frontend', 'b', 'false', 'restart'],
    ['quic-port', 'i', '8443', 'restart', PORT],
    ['idle-timeout', 'i', '60', 'live', FROM_ZERO],
    ['idle-timeout-warning', 'i', '350', 'live', FROM_ZERO],
    ['ws-keepalive-interval', 'i', '10', 'restart', FROM_ZERO],
  ]),
  ...section('security', [
    ['authentication', 's', "'system'", 'restart', { words: ['system', 'none'] }],
    ['pam-service-name', 's', "'dcv'", 'restart'],
    ['auth-token-verifier', 's', "''", 'restart'],
    ['auth-token-verifier-timeout', 'i', '100', 'restart', FROM_ZERO],
    ['no-tls-strict', 'b', 'false', 'restart'],
    ['ca-file', 's', "''", 'restart', FILE],
    ['allowed-http-host-regex', 's', "'^.+$'", 'restart', EXPRESSION],
    ['allowed-ws-origin-regex', 's', "'^https://.+$'", 'restart', EXPRESSION],
    ['authentication-threshold', 'i', '3', 'restart', FROM_ZERO],
    ['max-connections-per-user', 'i', '10', 'restart', FROM_ZERO],
    ['connection-estab-timeout', 'i', '5', 'restart', FROM_ZERO],
    ['connection-setup-timeout', 'i', '5', 'restart', FROM_ZERO],
    ['auth-connection-setup-timeout', 'i', '120', 'restart', FROM_ZERO],
    ['ciphers', 's', `'${CIPHERS}'`, 'restart'],
    ['os-auto-lock', 'b', 'true', 'session'],
    ['server-fqdn', 's', "''", 'restart'],
    ['administrators', 'as', '[]', 'restart'],
  ]),
  ...section('session-management', [
    ['create-session', 'b', 'false', 'restart'],
    [
      'enable-gl-in-virtual-sessions',
      's',
      "'default-on'",
      'session',
      { words: ['always-on', 'always-off', 'default-on', 'default-off'] },
    ],
    ['max-concurrent-clients', 'i', '-1', 'session', UNLIMITED_OR_MORE],
    ['max-concurrent-sessions', 'i', '0', 'restart', FROM_ZERO],
    ['max-sessions-per-user', 'i', '0', 'restart', FROM_ZERO],
    ['virtual-session-xdcv-args', 's', "''", 'session'],
    ['virtual-session-source-profile', 'b', 'false', 'session'],
    ['virtual-session-default-layout', 'list', '[]', 'session'],
    ['virtual-session-font-path', 's', "''", 'session'],
  ]),
  ...section('session-management/defaults', [['permissions-file', 's', "''", 'session', FILE]]),
  ...section('session-management/automatic-console-session', [
    ['owner', 's', "''", 'restart'],
    ['permissions-file', 's', "''", 'restart', FILE],
    ['storage-root', 's', "''", 'restart'],
    ['max-concurrent-clients', 'i', '-1', 'restart', UNLIMITED_OR_MORE],
    [
      'client-eviction-policy',
      's',
      "'reject-new-connection'",
      'restart',
      { words: ['reject-new-connection', 'same-user-oldest-connection'] },
    ],
  ]),
  ...section('display/linux', [['gl-displays', 'as', "[':0.0']", 'session']]),
  ...section('license', [['license-file', 's', "''", 'session']]),
  ...section('log', [
    ['level', 's', "'info'", 'live', { words: ['error', 'warn', 'info', 'debug'] }],
    ['directory', 's', "''", 'restart', FILE],
    ['rotate', 'i', '10', 'restart', FROM_ZERO],
    ['max-file-size', 'i', '0', 'restart', FROM_ZERO],
    [
      'rotation-interval',
      's',
      "'none'",
      'restart',
      { words: ['none', 'every-minute', 'every-hour', 'every-day'] },
    ],
    ['rotation-suffix', 's', "'counter'", 'restart', { words: ['counter', 'timestamp'] }],
    ['transfer-audit', 's', "'none'", 'restart'],
  ]),
];

const BY_NAME = new Map(DCV_KEYS.map((known) => [`${known.section}/${known.key}`, known]));

/** A documented setting, by `section/key`. */
export function dcvKey(name: string): DcvKey | undefined {
  return BY_NAME.get(name);
}
