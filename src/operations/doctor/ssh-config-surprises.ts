import { userInfo } from 'node:os';
import pLimit from 'p-limit';
import type { OperatorFacts } from '../../doctor/facts/operator.ts';
import { DcvopsError } from '../../errors.ts';
import type { Host } from '../../inventory/types.ts';
import { mask } from '../../logs/mask.ts';
import { type SshConfig, type SshConfigReader, createSshConfigReader } from '../../ssh/ssh-config.ts';

type Surprise = OperatorFacts['sshConfig'][number];

/** `ssh -G` is a process for each host. */
const AT_ONCE = 8;

/** Finds where `ssh HOST` by itself would do otherwise than dcvops does with the inventory. */
export async function readSurprises(
  hosts: readonly Host[],
  env: NodeJS.ProcessEnv,
  home: string,
): Promise<Surprise[]> {
  const read = createSshConfigReader(env, home);
  const limit = pLimit(AT_ONCE);
  const found = await Promise.all(hosts.map((host) => limit(() => surprisesFor(host, read))));
  return found.flat();
}

async function surprisesFor(host: Host, read: SshConfigReader): Promise<Surprise[]> {
  try {
    return surprisesOf(host, await read({ host: host.host, user: undefined, port: undefined }));
  } catch (error) {
    if (!(error instanceof DcvopsError)) throw error;
    return [{ host: host.name, option: 'ssh_config', value: error.message }];
  }
}

/** What of ssh_config's words for a host is not done, or leads away from the inventory. Pure but for the user's own name. */
export function surprisesOf({ name, host, ssh }: Host, config: SshConfig): Surprise[] {
  const { hostName, port, user, proxyJump, proxyCommand } = config;
  const jumps = ssh.jump !== undefined || ssh.direct === true;
  const says = (option: string, value: string | number | undefined, isSurprise: boolean): Surprise[] =>
    value === undefined || !isSurprise ? [] : [{ host: name, option, value: String(value) }];
  return [
    ...says('HostName', hostName, hostName !== host),
    ...says(
      'ProxyCommand',
      proxyCommand === undefined ? undefined : mask(proxyCommand),
      !jumps && proxyJump === undefined,
    ),
    ...says('ProxyJump', proxyJump?.map((hop) => hop.host).join(','), jumps),
    // ssh -G prints a user and a port in any case: these are what it would take without any configuration
    ...says('User', user, ssh.user !== undefined && user !== ssh.user && user !== userInfo().username),
    ...says('Port', port, ssh.port !== undefined && port !== ssh.port && port !== 22),
  ];
}
