import type { GatewaySettings } from '../../inventory/types.ts';
import { type NginxFacts, atLeast } from '../nginx-facts.ts';
import { NOTHING, type NginxText, nginx, path } from '../nginx-text.ts';

/** Mozilla's "intermediate" configuration, guideline 6.0, as far as this host's OpenSSL has it. */
export function tls(settings: GatewaySettings['tls'], facts: NginxFacts): NginxText {
  return nginx`
    ssl_certificate ${path(settings.certificate)};
    ssl_certificate_key ${path(settings.key)};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ${curves(facts)}
    ssl_prefer_server_ciphers off;
    ssl_session_timeout 1d;
    ssl_session_cache shared:dcv_tls:10m;
    ${sessionTickets(facts)}
  `;
}

/** A curve that OpenSSL doesn't know stops nginx from starting. Of another library nothing is known: its own choice. */
function curves({ openssl }: NginxFacts): NginxText {
  if (openssl === undefined) return NOTHING;
  if (atLeast(openssl, [3, 5, 0])) return nginx`ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;`;
  if (atLeast(openssl, [1, 1, 0])) return nginx`ssl_ecdh_curve X25519:prime256v1:secp384r1;`;
  return nginx`ssl_ecdh_curve prime256v1:secp384r1;`;
}

/** Before 1.23.2 the key of the tickets is never changed, which undoes forward secrecy. */
function sessionTickets({ version }: NginxFacts): NginxText {
  return atLeast(version, [1, 23, 2]) ? NOTHING : nginx`ssl_session_tickets off;`;
}
