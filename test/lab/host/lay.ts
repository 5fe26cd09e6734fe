import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../command.ts';
import { hostPaths, labPaths } from '../paths.ts';
import type { LabHost } from '../plan.ts';
import type { HostLayers } from './layers.ts';

const HOST_KEY_TYPES = ['ed25519', 'ecdsa'] as const;

/** Where a proxy's certificate is, as the fleets that dcvops takes over have it. */
const CERTIFICATES = 'etc/dcv-connection-gateway/certs';

const ROOT = 0;
const EC2_USER = 1000;

/**
 * Writes what makes a host this host onto its empty disk: name, keys, port, certificate. Its host keys and certificate
 * are made once and stay the same when the host is laid again.
 */
export async function layHost(lab: string, host: LabHost, layers: HostLayers): Promise<void> {
  const { upper, laid, directory } = hostPaths(lab, host.name);
  fs.rmSync(laid, { force: true });
  await run(['rm', '-rf', '--one-file-system', upper]);
  fs.mkdirSync(upper, { recursive: true });
  const identity = path.join(directory, 'identity');
  await makeIdentity(identity, host);

  const put = writerInto(upper, lab, layers);
  put('etc/hostname', `${host.name}\n`);
  put('etc/hosts', `127.0.0.1 localhost\n${host.address} ${host.name}\n::1 localhost ip6-localhost\n`);
  put('etc/machine-id', `${randomBytes(16).toString('hex')}\n`);
  for (const type of HOST_KEY_TYPES) {
    const name = `ssh_host_${type}_key`;
    put(`etc/ssh/${name}`, fs.readFileSync(path.join(identity, name)), { mode: 0o600 });
    put(`etc/ssh/${name}.pub`, fs.readFileSync(path.join(identity, `${name}.pub`)));
  }
  if (host.sshPort !== 22) put('etc/ssh/sshd_config.d/port.conf', `Port ${host.sshPort}\n`);
  put('home/ec2-user/.ssh/authorized_keys', fs.readFileSync(`${labPaths(lab).key}.pub`), {
    mode: 0o600,
    owner: EC2_USER,
  });
  if (host.role === 'proxy') {
    put(`${CERTIFICATES}/dcv.crt`, fs.readFileSync(path.join(identity, 'dcv.crt')));
    put(`${CERTIFICATES}/dcv.key`, fs.readFileSync(path.join(identity, 'dcv.key')), { mode: 0o600 });
  }
  fs.writeFileSync(`${laid}.new`, JSON.stringify(layers));
  fs.renameSync(`${laid}.new`, laid);
}

/** What a host's disk lies on, or undefined when it has none yet (or its laying was cut off). */
export function laidOn(lab: string, host: LabHost): HostLayers | undefined {
  const { laid } = hostPaths(lab, host.name);
  return fs.existsSync(laid) ? (JSON.parse(fs.readFileSync(laid, 'utf8')) as HostLayers) : undefined;
}

/** The host's lines for known_hosts. */
export function knownHostsLines(lab: string, host: LabHost): string[] {
  const { directory } = hostPaths(lab, host.name);
  const name = host.sshPort === 22 ? host.address : `[${host.address}]:${host.sshPort}`;
  return HOST_KEY_TYPES.map((type) => {
    const file = path.join(directory, 'identity', `ssh_host_${type}_key.pub`);
    const [algorithm = '', key = ''] = fs.readFileSync(file, 'utf8').split(' ');
    return `${name} ${algorithm} ${key}`;
  });
}

/** The operator's key pair, `tom.pem` and `tom.pem.pub`. */
export async function makeOperatorKey(lab: string): Promise<void> {
  const { key } = labPaths(lab);
  if (!fs.existsSync(`${key}.pub`)) await makeKey(key, 'ed25519', 'tom');
}

async function makeIdentity(identity: string, host: LabHost): Promise<void> {
  fs.mkdirSync(identity, { recursive: true, mode: 0o700 });
  const keys = HOST_KEY_TYPES.map(async (type) => {
    const file = path.join(identity, `ssh_host_${type}_key`);
    if (!fs.existsSync(`${file}.pub`)) await makeKey(file, type, `root@${host.name}`);
  });
  await Promise.all([...keys, ...(host.role === 'proxy' ? [makeCertificate(identity, host.address)] : [])]);
}

async function makeKey(file: string, type: string, comment: string): Promise<void> {
  fs.rmSync(file, { force: true });
  await run(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', comment, '-f', file]);
}

async function makeCertificate(identity: string, address: string): Promise<void> {
  const certificate = path.join(identity, 'dcv.crt');
  if (fs.existsSync(certificate)) return;
  await run([
    ...[
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '365',
    ],
    ...['-subj', `/CN=${address}`, '-addext', `subjectAltName=IP:${address}`],
    ...['-keyout', path.join(identity, 'dcv.key'), '-out', certificate],
  ]);
}

interface FileAttributes {
  readonly mode?: number;
  readonly owner?: number;
}

type Put = (name: string, content: string | Buffer, attributes?: FileAttributes) => void;

/** Writes files into an overlay's upper directory; directories get the attributes they have in the layers below. */
function writerInto(upper: string, lab: string, layers: HostLayers): Put {
  const below = layers.stack.map((name) => path.join(labPaths(lab).layers, name));
  const makeDirectory = (name: string): void => {
    const directory = path.join(upper, name);
    if (fs.existsSync(directory)) return;
    makeDirectory(path.dirname(name));
    const original = below.map((layer) => path.join(layer, name)).find((one) => fs.existsSync(one));
    const status = original === undefined ? { mode: 0o755, uid: ROOT, gid: ROOT } : fs.statSync(original);
    fs.mkdirSync(directory);
    fs.chownSync(directory, status.uid, status.gid);
    fs.chmodSync(directory, status.mode);
  };
  return (name, content, { mode = 0o644, owner = ROOT } = {}) => {
    makeDirectory(path.dirname(name));
    const file = path.join(upper, name);
    fs.writeFileSync(file, content, { mode });
    fs.chownSync(file, owner, owner);
    fs.chmodSync(file, mode);
  };
}
