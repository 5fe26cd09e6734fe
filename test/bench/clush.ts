import { commandLine, type Script } from '../../src/shell/script.ts';
import type { ManyHosts } from './doctor/many-hosts.ts';
import { type Run, limited } from './measure.ts';

/** clush's own default. */
const FANOUT = 64;

/** The same script on these hosts, as the tool that people have for that runs it. */
export function clush(hosts: ManyHosts, addresses: readonly string[], script: Script): Run {
  const options = `-i ${hosts.key} -o UserKnownHostsFile=${hosts.knownHosts} -o StrictHostKeyChecking=yes`;
  const [program, argv] = hosts.network.inside([
    ...['clush', '-q', '-f', String(FANOUT), '-l', 'root', '-o', `-F /dev/null ${options}`],
    ...['-w', addresses.join(','), commandLine(script)],
  ]);
  return () => limited([program, ...argv], benchEnvironment(hosts), hosts.network.directory);
}

/** Nobody's `~/.ssh` plays a part. */
export function benchEnvironment({ network }: ManyHosts): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '', HOME: network.directory, LANG: 'C.UTF-8' };
}
