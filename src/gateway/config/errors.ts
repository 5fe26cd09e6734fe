import { type NginxText, nginx } from '../nginx-text.ts';
import type { Action } from './actions.ts';

/** What clients are told when a request fails: JSON, or HTML for whoever asks for it. */
export function errorMaps(all: readonly Action[]): NginxText {
  const reasons = all.flatMap((action) => action.reasons);
  return nginx`
    # ---- Errors
    map $http_accept $dcv_error_format {
        default json;
        "~*text/html" html;
    }
    map "$status|$dcv_stage" $dcv_reason {
        default "gateway error";
        "~^403\|access$" "this gateway is not open to your address";
        ${reasons.map((reason) => nginx`"~^${reason.status}\|${reason.stage}$" "${reason.text}";`)}
        "~^403" "forbidden";
        "~^404" "not found";
        "~^413" "upload too large";
        "~^429" "too many requests";
        "~^502" "agent refused the connection or its TLS handshake failed";
        "~^503" "no agent available";
        "~^504" "agent did not answer in time";
        "~^508" "proxy loop";
    }
  `;
}

export function errorPages(): NginxText {
  return nginx`
    # Not 400, 414, 431: they come before the path is parsed, and a named location would make a 500 of them.
    error_page 403 404 413 429 500 502 503 504 508 @dcv_error_$dcv_error_format;
    error_page 497 =308 https://$dcv_host$request_uri;
  `;
}

export function errorLocations(): NginxText[] {
  return [
    nginx`
      location @dcv_error_json {
          default_type application/json;
          add_header Cache-Control no-store always;
          add_header X-Request-ID $request_id always;
          return 200 '{"error":{"status":$status,"stage":"$dcv_stage","reason":"$dcv_reason","agent":"$dcv_agent","request_id":"$request_id"}}\n';
      }
    `,
    nginx`
      location @dcv_error_html {
          default_type text/html;
          add_header Cache-Control no-store always;
          add_header X-Request-ID $request_id always;
          add_header Content-Security-Policy "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" always;
          return 200 '<!doctype html><html lang="en"><meta charset="utf-8"><title>$status</title><h1>$status</h1><p>$dcv_reason</p><p>agent: $dcv_agent</p><p><small>$request_id</small></p></html>\n';
      }
    `,
  ];
}
