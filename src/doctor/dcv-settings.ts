import { asRoot, steps } from './commands.ts';

const DCV_CONF = '/etc/dcv/dcv.conf';

/** Steps that take a setting out of dcv.conf, so that DCV's default counts, and make dcvserver read it. Its sessions end. */
export function unsetAndRestart(host: string, key: string): string {
  return steps(asRoot(host, 'sed', '-i', `/^[[:space:]]*${key}[[:space:]]*=/d`, DCV_CONF), ...restart(host));
}

/** Steps that give a string setting another value where it stands. Neither may hold `#`, `&`, `"` or a backslash. */
export function setAndRestart(host: string, key: string, value: string): string {
  return steps(
    asRoot(host, 'sed', '-i', `s#^[[:space:]]*${key}[[:space:]]*=.*#${key}="${value}"#`, DCV_CONF),
    ...restart(host),
  );
}

/** A restart ends all sessions, so that the usual one has to be made again. */
function restart(host: string): string[] {
  return [asRoot(host, 'systemctl', 'restart', 'dcvserver'), `dcvops session create ${host}`];
}
