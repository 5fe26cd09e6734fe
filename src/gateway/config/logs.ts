import { type NginxText, nginx, path } from '../nginx-text.ts';

export interface LogFiles {
  readonly access: string;
  readonly error: string;
}

/** The gateway's log files on a proxy. They should exist with mode 0640 before nginx opens them (it creates 0644). */
export const LOG_FILES: LogFiles = {
  access: '/var/log/nginx/dcv-access.log',
  error: '/var/log/nginx/dcv-error.log',
};

/** One JSON object a request. A WebSocket is logged once, when it closes: its time is how long the desktop was open. */
export function logFormat(): NginxText {
  return nginx`
    # ---- Logs
    # What follows the path may be a login (?authToken=…) and is never written.
    map $request_uri $dcv_log_uri {
        default $request_uri;
        "~*^(?<dcv_ml>.*?)(?:\?|%3f|authtoken)" "$dcv_ml?-";
    }
    map $uri $dcv_loggable {
        default 1;
        /health 0;
    }
    # "status" is text: an aborted HTTP/2 stream has 000, which is no JSON number.
    log_format dcv_json escape=json
        '{"ts":"$time_iso8601","msec":$msec,"id":"$request_id","pid":$pid,"conn":$connection,"conn_req":$connection_requests,'
        '"client":"$remote_addr","user":"$remote_user","method":"$request_method","uri":"$dcv_log_uri","proto":"$server_protocol",'
        '"host":"$host","status":"$status","action":"$dcv_action","stage":"$dcv_stage","agent":"$dcv_agent","ws":"$dcv_upgrade",'
        '"upstream":"$upstream_addr","up_status":"$upstream_status","up_connect":"$upstream_connect_time",'
        '"up_header":"$upstream_header_time","up_time":"$upstream_response_time","up_sent":"$upstream_bytes_sent",'
        '"up_recv":"$upstream_bytes_received","time":$request_time,"req_len":$request_length,"sent":$bytes_sent,'
        '"tls":"$ssl_protocol","cipher":"$ssl_cipher","tls_reused":"$ssl_session_reused",'
        '"limit_req":"$limit_req_status","limit_conn":"$limit_conn_status","ua":"$http_user_agent"}';
  `;
}

export function logging(files: LogFiles): NginxText {
  return nginx`
    access_log ${path(files.access)} dcv_json buffer=64k flush=1s if=$dcv_loggable;
    # nginx writes whole request lines in here, logins included: mode 0640. Refusals by a limit are in the access log.
    error_log ${path(files.error)} warn;
    limit_req_log_level notice;
    limit_conn_log_level notice;
  `;
}
