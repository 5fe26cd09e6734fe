import { homedir } from 'node:os';
import packageJson from '../../../package.json' with { type: 'json' };
import type { OperatorFacts } from '../../doctor/facts/operator.ts';
import { DcvopsError } from '../../errors.ts';
import type { Host, Inventory } from '../../inventory/types.ts';
import { publicKeysInAgent } from '../../ssh/keys.ts';
import type { Pool } from '../../ssh/pool.ts';
import type { Target } from '../../ssh/target.ts';
import { modeOf, readKeyFiles } from './key-files.ts';
import { readKnownHostsFiles } from './known-hosts-files.ts';
import { readSurprises } from './ssh-config-surprises.ts';

/** An agent that has not answered by then is not there for a login either. */
const AGENT_TIMEOUT_MS = 2_000;

/**
 * Finds out what matters of this machine: keys, known_hosts, the SSH agent, ssh_config, forward proxies. Connects to no
 * host, asks nobody; what is wrong is a fact, and nothing is thrown for it.
 */
export async function readOperator(
  inventory: Inventory,
  pool: Pick<Pool, 'route'>,
  env: NodeJS.ProcessEnv,
  home = homedir(),
): Promise<OperatorFacts> {
  const hosts = [...inventory.proxies, ...inventory.agents];
  const targets = await hopsTo(hosts, pool);
  const socket = nonEmpty(env['SSH_AUTH_SOCK']) ?? targets.find(({ agent }) => agent !== undefined)?.agent;
  const inAgent = socket === undefined ? undefined : await askAgent(socket);
  const [mode, keys, knownHosts, sshConfig] = await Promise.all([
    modeOf(inventory.file),
    readKeyFiles(targets, inAgent ?? []),
    readKnownHostsFiles(targets),
    readSurprises(hosts, env, home),
  ]);
  return {
    dcvops: packageJson.version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    inventory: { file: inventory.file, ...mode },
    keys,
    ...(socket === undefined
      ? {}
      : { sshAgent: { answers: inAgent !== undefined, keys: inAgent?.length ?? 0 } }),
    passphraseGiven: nonEmpty(env['DCVOPS_KEY_PASSPHRASE']) !== undefined,
    knownHosts,
    sshConfig,
    forwardProxy: forwardProxyOf(env),
  };
}

/** All hops to all hosts, each once. What is wrong with a route is told by the connection that tries it. */
async function hopsTo(hosts: readonly Host[], pool: Pick<Pool, 'route'>): Promise<Target[]> {
  const routes = await Promise.all(
    hosts.map((host) =>
      pool.route(host).catch((error: unknown): readonly Target[] => {
        if (error instanceof DcvopsError) return [];
        throw error;
      }),
    ),
  );
  return [...new Map(routes.flat().map((target) => [target.name, target])).values()];
}

/** The public keys that the agent holds; undefined: it does not answer. */
async function askAgent(socket: string): Promise<readonly Buffer[] | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, AGENT_TIMEOUT_MS);
  });
  try {
    return await Promise.race([publicKeysInAgent(socket), late]);
  } finally {
    clearTimeout(timer);
  }
}

const FORWARD_PROXY = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'] as const;

/** The variables as curl reads them: the lower-case form first. Credentials are taken out. Pure. */
export function forwardProxyOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    FORWARD_PROXY.flatMap((name) => {
      const value = nonEmpty(env[name]) ?? nonEmpty(env[name.toUpperCase()]);
      return value === undefined ? [] : [[name, withoutCredentials(value)]];
    }),
  );
}

/** A password may hold an `@` of its own: the last one counts. */
function withoutCredentials(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/i, '$1');
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
