import { type Sighting, leftoversCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';

/** The program that told the connection gateway where sessions are still listens, there or on another host. */
export const resolver = leftoversCheck({
  id: 'leftovers/resolver',
  severity: 'warning',
  title: 'A session resolver is still there',
  why: 'Only DCV Connection Gateway asks it; nginx routes by the path. It listens for nobody.',
  remedy: 'dcvops retire resolver HOST',
  // while the connection gateway is there, it is needed
  follows: ['leftovers/connection-gateway'],
  look: (view) => {
    const { name, leftovers } = view;
    if (leftovers.resolver === undefined) return ofAnotherHost(view);
    const { port, program = 'a program', pid, unit } = leftovers.resolver;
    const process = pid === undefined ? program : `${program} (process ${pid})`;
    return {
      seen: `${process} listens on TCP ${port}, which the connection gateway’s [resolver] names; ${unit === undefined ? 'it is no service of the system' : `it is ${unit}`}`,
      remedy:
        unit === undefined
          ? asRoot(name, 'ps', '-f', ...(pid === undefined ? ['-C', program] : ['-p', String(pid)]))
          : `dcvops retire resolver ${name}`,
    };
  },
});

/** The connection gateway of another host names this one. The broker's ports are the broker's. */
function ofAnotherHost({ name, host, system, leftovers, set }: View): Sighting | undefined {
  for (const other of set.hosts) {
    const url = other.leftovers?.connectionGateway?.resolver ?? '';
    if (other.name === name || !URL.canParse(url)) continue;
    const { hostname, port, protocol } = new URL(url);
    const number = Number(port) || (protocol === 'http:' ? 80 : 443);
    const listener = (system.listeners ?? []).find((one) => one.protocol === 'tcp' && one.port === number);
    if (hostname.replace(/^\[(.*)\]$/, '$1') !== host.address || listener === undefined) continue;
    if (leftovers.broker?.ports.includes(number) === true) continue;
    return {
      seen: `${listener.program ?? 'a program'} listens on TCP ${number}, which the connection gateway of ${other.name} names as its [resolver]`,
      remedy: `dcvops retire resolver ${name} --port ${number}`,
      involves: [other.name],
    };
  }
  return undefined;
}

type View = Parameters<Parameters<typeof leftoversCheck>[0]['look']>[0];
