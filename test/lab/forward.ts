import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { LabError } from './lab-error.ts';
import { inNetwork, processesIn } from './network.ts';
import { labFile, labPaths } from './paths.ts';
import { readState } from './state.ts';

/** Where the gateway answers on the lab's network. */
const GATEWAY_PORT = 8443;

export interface Forward {
  readonly port: number;
  readonly pid: number;
}

/** The forwarder that runs, if one does. */
export function readForward(lab: string): Forward | undefined {
  const { forward, operatorNetwork } = labPaths(lab);
  if (!fs.existsSync(forward)) return undefined;
  const found = JSON.parse(fs.readFileSync(forward, 'utf8')) as Forward;
  return processesIn(operatorNetwork).includes(found.pid) ? found : undefined;
}

/**
 * Publishes the gateway on a loopback port of the machine, until the lab is taken down. The socket is opened here, in
 * the machine's network, and handed to a process in the lab's network, which connects on.
 * @param wanted the port; another one is taken when it is in use and `exactly` is false
 * @throws LabError when the lab is not up, or the wanted port is taken
 */
export async function forward(lab: string, wanted: number, exactly: boolean): Promise<Forward> {
  const running = readForward(lab);
  if (running !== undefined) return running;
  const gateway = readState(lab)?.hosts.find((host) => host.role === 'proxy');
  if (gateway === undefined) throw new LabError(`The lab "${lab}" is not up.`, 'npm run lab -- up');
  const paths = labPaths(lab);
  const server = await listen(wanted, exactly);
  const port = (server.address() as net.AddressInfo).port;
  const [program = '', ...args] = inNetwork(paths.operatorNetwork, [
    ...[process.execPath, labFile('relay.js'), gateway.address, String(GATEWAY_PORT)],
  ]);
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    cwd: '/',
  });
  await handOver(child, server);
  const forwarded = { port, pid: child.pid ?? 0 };
  fs.writeFileSync(paths.forward, JSON.stringify(forwarded));
  return forwarded;
}

async function listen(port: number, exactly: boolean): Promise<net.Server> {
  const server = net.createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') reject(error);
      else if (exactly)
        reject(new LabError(`Port ${port} of 127.0.0.1 is in use.`, 'npm run lab -- forward'));
      else server.listen(0, '127.0.0.1');
    });
    server.once('listening', () => {
      resolve(server);
    });
    server.listen(port, '127.0.0.1');
  });
}

function handOver(child: ReturnType<typeof spawn>, server: net.Server): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      reject(new LabError('The forwarder ended before it began.'));
    });
    child.once('message', () => {
      child.removeAllListeners('exit');
      child.disconnect();
      child.unref();
      server.close();
      resolve();
    });
    child.send('listen', server);
  });
}
