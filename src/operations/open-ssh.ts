import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { DcvopsError } from '../errors.ts';
import { words } from '../shell/shell.ts';
import type { Target } from '../ssh/target.ts';

export interface OpenSshOptions {
  /** The command to run instead of a login; each word stays one. */
  readonly command: readonly string[] | undefined;
  /** Somebody sits at a terminal: the command gets one, so that a password that it asks for is not shown. */
  readonly terminal: boolean;
  /** ssh's own `-v`, as often as this. */
  readonly verbosity: number;
  /** Another ssh_config (`-F`). */
  readonly configFile: string | undefined;
}

/**
 * The system's `ssh` with what inventory and ssh_config say: address, port, user, key, known_hosts, jump
 * hosts. Pure.
 * @param route the hops to the host, itself the last
 */
export function sshCommand(route: readonly Target[], options: OpenSshOptions): string[] {
  const target = route.at(-1);
  if (target === undefined) throw new TypeError('a route has at least one hop');
  return [
    'ssh',
    ...Array<string>(Math.min(3, options.verbosity)).fill('-v'),
    ...(options.terminal && options.command !== undefined ? ['-t'] : []),
    ...connectionOptions(route, options.configFile),
    '--',
    target.address,
    ...(options.command === undefined ? [] : [words(options.command).toString()]),
  ];
}

function connectionOptions(route: readonly Target[], configFile: string | undefined): string[] {
  const target = route.at(-1);
  if (target === undefined) return [];
  const before = route.slice(0, -1);
  const settings = [
    `User=${target.user}`,
    ...(target.knownAs.address === target.address ? [] : [`HostKeyAlias=${target.knownAs.address}`]),
    `UserKnownHostsFile=${target.knownHosts.map(quoteForConfig).join(' ')}`,
    `StrictHostKeyChecking=${target.hostKeys === 'strict' ? 'yes' : 'accept-new'}`,
    ...keyOptions(target),
    // -J knows no key for the jump host, so each hop is an ssh of its own
    ...(before.length === 0 ? [] : [`ProxyCommand=${proxyCommand(before, configFile)}`]),
    // ssh_config's ProxyCommand is left to ssh, which runs it; its ProxyJump is among the hops already
    ...(before.length === 0 && target.proxyCommand === undefined ? ['ProxyJump=none'] : []),
  ];
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...['-p', String(target.port)],
    ...settings.flatMap((setting) => ['-o', setting]),
  ];
}

/** A named key and no other: with a full agent, the host would hang up before ssh gets to it. */
function keyOptions({ keys, agent }: Target): string[] {
  const named = keys.filter((key) => key.named);
  return [
    ...(named.length === 0 ? [] : ['IdentitiesOnly=yes']),
    ...named.map((key) => `IdentityFile=${quoteForConfig(key.path)}`),
    ...(agent === undefined ? [] : [`IdentityAgent=${quoteForConfig(agent)}`]),
  ];
}

function proxyCommand(route: readonly Target[], configFile: string | undefined): string {
  const hop = route.at(-1);
  if (hop === undefined) return 'none';
  const argv = ['ssh', ...connectionOptions(route, configFile), '--', hop.address];
  // ssh replaces tokens in the whole command, of which -W's are ours and all other percent signs are not
  const quoted = words(argv).toString().replaceAll('%', '%%');
  return quoted.replace(/^ssh /, "ssh -W '[%h]:%p' ");
}

/** ssh_config splits values at spaces and expands tokens in file names. */
function quoteForConfig(path: string): string {
  const literal = path.replaceAll('%', '%%');
  return /\s/.test(literal) ? `"${literal}"` : literal;
}

/**
 * Runs it in this terminal.
 * @returns its exit code: the command's own, or 255 when ssh could not connect
 * @throws DcvopsError `failed` where there is no `ssh` program
 */
export async function openSsh(route: readonly Target[], options: OpenSshOptions): Promise<number> {
  const [program = '', ...argv] = sshCommand(route, options);
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: 'inherit' });
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'ENOENT'
          ? new DcvopsError('failed', 'there is no ssh program on this machine', {
              hint: 'apt-get install openssh-client   (or: dcvops exec HOST -- CMD, which needs none)',
              cause: error,
            })
          : error,
      );
    });
    child.on('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
