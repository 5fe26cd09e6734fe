import type { ListenerFacts } from '../facts/system.ts';
import { linesOf } from './lines.ts';
import type { Probe } from './probes.ts';

/** `tcp LISTEN 0 511 0.0.0.0:8443 0.0.0.0:* users:(("nginx",pid=7,fd=6))`; ss may leave out the space before users. */
const ROW = /^(tcp|udp)\s+(?:LISTEN|UNCONN)\s+\d+\s+\d+\s+(\S+):(\d{1,5})\s+\S+?:\*\s*(?:users:\((.*)\))?$/;

/** `("nginx",pid=7,fd=6)`; old versions say `("nginx",7,6)`. */
const USER = /\("([^"]*)",(?:pid=)?(\d{1,10})/g;

/** Reads what `ss -ltunp` printed; undefined when there is no ss, or it did not answer. Pure. */
export function parseListeners(probe: Probe | undefined): ListenerFacts[] | undefined {
  if (probe?.code !== 0) return undefined;
  const lines = linesOf(probe.output);
  // old versions write *:22 for IPv4 and :::22 for IPv6; today's 0.0.0.0:22, [::]:22, and *:22 for both
  const isOld = lines.some((line) => /\s:::\d/.test(line));
  return lines.flatMap((line) => {
    const [, protocol, address = '', port, users = ''] = ROW.exec(line) ?? [];
    if (protocol !== 'tcp' && protocol !== 'udp') return [];
    const user = listenerOf(users);
    return [
      {
        protocol,
        address: isOld && address === '*' ? '0.0.0.0' : plainAddress(address),
        port: Number(port),
        program: user?.program,
        pid: user?.pid,
      },
    ];
  });
}

/** Of nginx's processes, the master has the smallest number; systemd, which has 1, may hold a socket for another. */
function listenerOf(users: string): { readonly program: string; readonly pid: number } | undefined {
  const found = [...users.matchAll(USER)]
    .map(([, program = '', pid]) => ({ program, pid: Number(pid) }))
    .sort((one, other) => one.pid - other.pid);
  return found.find(({ pid }) => pid > 1) ?? found[0];
}

/** Without brackets and without the interface: `127.0.0.53%lo`. */
function plainAddress(address: string): string {
  return address.replace(/^\[(.*)\]/, '$1').replace(/%.*$/, '');
}
