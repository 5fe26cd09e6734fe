import { DcvopsError } from '../errors.ts';
import type { Script } from '../shell/script.ts';
import { program } from '../shell/shell.ts';

/** Major, minor, patch. */
export type Version = readonly [number, number, number];

/** What `nginx -V` tells about a build. */
export interface NginxBuild {
  readonly version: Version;
  /** Of the library it runs with; undefined for another one (LibreSSL, BoringSSL) or none. */
  readonly openssl: Version | undefined;
  /** Optional modules that are compiled in. */
  readonly modules: {
    readonly ssl: boolean;
    readonly http2: boolean;
    readonly stubStatus: boolean;
    /** Takes the client's address from a load balancer in front. */
    readonly realip: boolean;
  };
}

/** What a rendering depends on, besides the inventory: all of it is read on the proxy. */
export interface NginxFacts extends NginxBuild {
  /** The host has an IPv6 address (other than `::1`), or at least can bind `[::]`. */
  readonly hasIPv6: boolean;
  /** The host's own addresses: the gateway never connects to itself. */
  readonly ownAddresses: readonly string[];
}

/** The oldest nginx that the configuration was verified on. */
export const OLDEST_NGINX: Version = [1, 18, 0];

/**
 * Reads what `nginx -V` prints (on stderr).
 * @throws DcvopsError `failed` when that isn't nginx's version, or a version that the gateway doesn't work with
 */
export function parseNginxVersion(output: string): NginxBuild {
  const version = versionIn(/^nginx version: [^\s/]+\/(\d+)\.(\d+)\.(\d+)/m, output);
  if (version === undefined) {
    throw new DcvopsError('failed', '"nginx -V" did not print nginx\'s version.', {
      hint: 'Is this nginx? dcvops exec HOST -- nginx -V',
    });
  }
  return {
    version,
    // A package may have been built with an older OpenSSL than the one installed, which decides.
    openssl:
      versionIn(/running with OpenSSL (\d+)\.(\d+)\.(\d+)/, output) ??
      versionIn(/built with OpenSSL (\d+)\.(\d+)\.(\d+)/, output),
    modules: {
      ssl: output.includes('--with-http_ssl_module'),
      http2: output.includes('--with-http_v2_module'),
      stubStatus: output.includes('--with-http_stub_status_module'),
      realip: output.includes('--with-http_realip_module'),
    },
  };
}

/** Reads {@link NginxFacts} on a host, as any user, and changes nothing. */
export const nginxFactsScript: Script = {
  name: 'read what the configuration depends on',
  // Debian gives plain users a PATH without sbin.
  text: program`
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
if command -v nginx >/dev/null; then nginx -V 2>&1; fi
if [ -s /proc/net/if_inet6 ]; then echo 'dcvops: ipv6'; fi
ip -o addr show 2>/dev/null | awk '{ print "dcvops: address " $4 }'
`,
};

/**
 * Reads what {@link nginxFactsScript} printed; undefined when there is no nginx.
 * @throws DcvopsError as {@link parseNginxVersion} does
 */
export function parseNginxFacts(output: string): NginxFacts | undefined {
  if (!output.includes('version: ')) return undefined;
  return {
    ...parseNginxVersion(output),
    hasIPv6: /^dcvops: ipv6$/m.test(output),
    ownAddresses: [...output.matchAll(/^dcvops: address ([^/\s]+)/gm)].map(([, address = '']) => address),
  };
}

/** Why the gateway can't run on this nginx; undefined when it can. */
export function unsupportedReason(build: NginxBuild): string | undefined {
  if (!atLeast(build.version, OLDEST_NGINX)) {
    return `nginx ${build.version.join('.')} is too old: the gateway needs ${OLDEST_NGINX.join('.')} or newer.`;
  }
  return build.modules.ssl ? undefined : 'this nginx was built without TLS (--with-http_ssl_module).';
}

/** Is the version this one or a later one? */
export function atLeast(version: Version, oldest: Version): boolean {
  for (const [index, part] of oldest.entries()) {
    const difference = (version[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** `1.22.1` as a version; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  return versionIn(/^(\d+)\.(\d+)\.(\d+)[a-z]*$/, text);
}

function versionIn(pattern: RegExp, text: string): Version | undefined {
  const match = pattern.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}
