import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/*
 * A network of its own, with the addresses of a real gateway and its agents, so that the configuration under test is the
 * one that is deployed: with 127.0.0.x as agents it would have to be loosened first. The test itself stays outside and
 * reaches in through a relay (`relay.ts`) over unix sockets, which don't belong to a network.
 */

export interface PrivateNetwork {
  readonly directory: string;
  /** The command line that runs a program inside, and ends it should the test die. */
  readonly inside: (argv: readonly string[]) => [string, string[]];
  /** Opens a TCP connection inside, from one of the network's addresses. */
  readonly dial: (to: { host: string; port: number; from?: string }) => Promise<net.Socket>;
  /** Listens inside; connections arrive here. */
  readonly listen: (host: string, port: number, onConnection: (socket: net.Socket) => void) => Promise<void>;
  /**
   * Listens at every address there is, which makes all of them the network's own: whatever is dialled inside arrives here,
   * with the address that was dialled, as the kernel spells it.
   */
  readonly listenEverywhere: (
    port: number,
    onConnection: (dialled: string, socket: net.Socket) => void,
  ) => Promise<void>;
  /** Ends it all: nothing of it outlives the relay. */
  readonly close: () => Promise<void>;
}

const PROGRAMS: Record<string, string> = {
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
};

/** @throws Error that names what is missing */
function checkPrerequisites(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('These tests run nginx in a network namespace of their own: they need Linux, and root.');
  }
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
  throw new Error(
    `Missing: ${missing.map(([program]) => program).join(', ')}. Install with: apt-get install ${packages}`,
  );
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes the network.
 * @param addresses live on its loopback interface, so that a listener can be had on each
 * @param silent addresses that lose every packet, as a host behind a firewall does
 */
export async function makePrivateNetwork(
  addresses: readonly string[],
  silent: readonly string[],
): Promise<PrivateNetwork> {
  checkPrerequisites();
  const directory = mkdtempSync(path.join(tmpdir(), 'dcvops-gateway-'));
  const program = path.join(import.meta.dirname, 'relay.js');
  const relay = spawn('unshare', ['--net', '--', process.execPath, program, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(relay.stdout, 'data'); // it says "ready"
  const enter = ['nsenter', `--net=/proc/${String(relay.pid)}/ns/net`, '--'];
  const [nsenter = '', ...entering] = enter;
  execFileSync(nsenter, [...entering, 'ip', '-batch', '-'], { input: plan(addresses, silent) });
  const listeners: net.Server[] = [];
  async function listen(
    order: { host: string; port: number; tellAddress: boolean },
    onConnection: (socket: net.Socket) => void,
  ): Promise<void> {
    const file = path.join(directory, `${order.host.replaceAll(':', '_')}-${order.port}`);
    const server = net.createServer(onConnection);
    listeners.push(server);
    server.listen(file);
    await once(server, 'listening');
    relay.stdin.write(`${JSON.stringify({ ...order, file })}\n`);
    await once(relay.stdout, 'data'); // "listening"
  }

  return {
    directory,
    inside: (argv) => [nsenter, [...entering, 'setpriv', '--pdeathsig', 'TERM', '--', ...argv]],
    async dial(to) {
      const socket = net.connect(path.join(directory, 'dial'));
      await once(socket, 'connect');
      socket.write(`${JSON.stringify(to)}\n`);
      const answer = await firstLine(socket);
      if (answer === 'ok') return socket;
      socket.destroy();
      throw Object.assign(new Error(answer), { code: answer });
    },
    listen: (host, port, onConnection) => listen({ host, port, tellAddress: false }, onConnection),
    async listenEverywhere(port, onConnection) {
      const everything = 'route add local 0.0.0.0/0 dev lo\nroute add local ::/0 dev lo\n';
      execFileSync(nsenter, [...entering, 'ip', '-batch', '-'], { input: everything });
      await listen({ host: '::', port, tellAddress: true }, (socket) => {
        socket.on('error', () => socket.destroy());
        firstLine(socket).then(
          (dialled) => {
            onConnection(dialled, socket);
          },
          () => socket.destroy(),
        );
      });
    },
    async close() {
      for (const server of listeners) server.close();
      await endOf(relay);
      rmSync(directory, { recursive: true });
    },
  };
}

function plan(addresses: readonly string[], silent: readonly string[]): string {
  const bits = (address: string): number => (address.includes(':') ? 128 : 32);
  return [
    'link set lo up',
    ...addresses.map((address) =>
      `addr add ${address}/${bits(address)} dev lo nodad`.replace(/^(addr add [\d./]+ dev lo) nodad$/, '$1'),
    ),
    'link add left type veth peer name right',
    'link set left up',
    'link set right up',
    // A cable whose other end is nobody: the neighbour is known, so packets leave, and nothing comes back.
    ...silent.flatMap((address) => [
      `route add ${address}/${bits(address)} dev left`,
      `neigh add ${address} lladdr 02:00:00:00:00:01 dev left nud permanent`,
    ]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Reads up to the first line end, and leaves what follows it to be read. */
async function firstLine(socket: net.Socket): Promise<string> {
  let text = '';
  for (;;) {
    const chunk = socket.read(1) as Buffer | null;
    if (chunk === null) await once(socket, 'readable');
    else if (chunk[0] === 0x0a) return text;
    else text += chunk.toString();
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}
