import type { ListenerFacts } from '../facts/system.ts';
import { linesOf } from './lines.ts';
import type { Probe } from './probes.ts';

/** `tcp LISTEN 0 511 0.0.0.0:8443 0.0.0.0:* users:(("nginx",pid=7,fd=6))`; ss may leave out the space before users. */
const ROW = /^(tcp|udp)\s+(?:LISTEN|UNCONN)\s+\d+\s+\d+\s+(\S+):(\d{1,5})\s+\S+?:\*\s*(?:users:\((.*)\))?$/;

/** `("nginx",pid=7,fd=6)`; iproute before 4 says `("nginx",7,6)`. */
const USER = /\("([^"]*)",(?:pid=)?(\d{1,10})/g;

/** Reads what `ss -ltunp` printed; undefined when there is no ss, or it did not answer. Pure. */
export function parseListeners(probe: Probe | undefined): ListenerFacts[] | undefined {
  if (probe?.code !== 0) return undefined;
  const lines = linesOf(probe.output);
  // iproute before 4 writes *:22 for IPv4 and :::22 for IPv6; later ones 0.0.0.0:22, [::]:22, and *:22 for both
  const isOld = lines.some((line) => /\s:::\d/.test(line));
  return lines.flatMap((line) => {
    const [, protocol, address = '', port, users = ''] = ROW.exec(line) ?? [];
    if (protocol !== 'tcp' && protocol !== 'udp') return [];
    // of nginx's processes, the master has the smallest number
    const [user] = [...users.matchAll(USER)].sort((one, other) => Number(one[2]) - Number(other[2]));
    return [
      {
        protocol,
        address: isOld && address === '*' ? '0.0.0.0' : plainAddress(address),
        port: Number(port),
        program: user?.[1],
        pid: user === undefined ? undefined : Number(user[2]),
      },
    ];
  });
}

/** Without brackets and without the interface: `127.0.0.53%lo`. */
function plainAddress(address: string): string {
  return address.replace(/^\[(.*)\]/, '$1').replace(/%.*$/, '');
}
