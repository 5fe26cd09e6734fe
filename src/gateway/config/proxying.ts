import { NOTHING, type NginxText, nginx } from '../nginx-text.ts';

/**
 * How requests are passed on to agents, and their answers back.
 * @param ownPaths does an agent serve its pages below a path of its own?
 */
export function proxying(ownPaths: boolean): NginxText {
  const below = ownPaths ? nginx`$dcv_below` : NOTHING;
  return nginx`
    proxy_http_version 1.1;
    proxy_set_header Host $dcv_host;
    proxy_set_header Upgrade $dcv_upgrade;
    proxy_set_header Connection $dcv_connection;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto https;
    proxy_set_header X-Forwarded-Host $dcv_host;
    proxy_set_header X-Forwarded-Prefix $dcv_prefix;
    proxy_set_header X-Request-ID $request_id;
    proxy_set_header X-DCV-Gateway 1;
    proxy_set_header HTTP2-Settings "";
    proxy_set_header Early-Data "";

    # Streams, both ways: nothing waits in memory or in files. proxy_buffer_size is also the size of each WebSocket's relay
    # buffers; proxy_buffers only has to fit to it.
    proxy_buffering off;
    proxy_request_buffering off;
    proxy_buffer_size 16k;
    proxy_buffers 8 16k;
    proxy_max_temp_file_size 0;
    gzip off;

    # One hour without a byte either way; DCV sends a keepalive every ten seconds.
    proxy_socket_keepalive on;
    proxy_connect_timeout 5s;
    proxy_read_timeout 1h;
    proxy_send_timeout 1h;
    proxy_next_upstream error timeout;
    proxy_next_upstream_tries 2;
    proxy_next_upstream_timeout 8s;

    # Agents have self-signed certificates. SNI would be the upstream's name.
    proxy_ssl_protocols TLSv1.2 TLSv1.3;
    proxy_ssl_session_reuse on;
    proxy_ssl_server_name off;
    proxy_ssl_verify off;

    # An agent doesn't know its prefix: it is added to Location and to the paths of cookies, unless it is there already.
    ${ownPaths ? nginx`proxy_redirect $dcv_returned/ $dcv_prefix/;` : NOTHING}
    proxy_redirect $dcv_prefix/ $dcv_prefix/;
    proxy_redirect "~^/(?!/)(?<dcv_ml1>.*)$" $dcv_prefix/$dcv_ml1;
    proxy_redirect https://$dcv_host${below}/ $dcv_prefix/;
    proxy_redirect http://$dcv_host${below}/ $dcv_prefix/;
    proxy_redirect https://$dcv_address${below}/ $dcv_prefix/;
    proxy_redirect https://$upstream_addr${below}/ $dcv_prefix/;
    ${ownPaths ? nginx`proxy_cookie_path $dcv_below $dcv_prefix;` : NOTHING}
    proxy_cookie_path / $dcv_prefix/;

    # "Server: dcv" tells an agent's answer from the gateway's own.
    proxy_pass_header Server;

    # DCV's HSTS would bind the gateway's host name, and every other port on it.
    proxy_hide_header Strict-Transport-Security;
    proxy_hide_header X-Powered-By;
    proxy_hide_header Referrer-Policy;
  `;
}
