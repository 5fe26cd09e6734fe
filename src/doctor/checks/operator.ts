import type { Check } from '../check.ts';
import { believedClients } from './operator/believed-clients.ts';
import { forwardProxy } from './operator/forward-proxy.ts';
import { inventoryWritable } from './operator/inventory-writable.ts';
import { keyEncrypted } from './operator/key-encrypted.ts';
import { keyFile } from './operator/key-file.ts';
import { keyMode } from './operator/key-mode.ts';
import { knownHosts } from './operator/known-hosts.ts';
import { knownHostsWritable } from './operator/known-hosts-writable.ts';
import { network } from './operator/network.ts';
import { nobodyAllowed } from './operator/nobody-allowed.ts';
import { nodeVersion } from './operator/node-version.ts';
import { sshAgent } from './operator/ssh-agent.ts';
import { sshConfig } from './operator/ssh-config.ts';

export const OPERATOR_CHECKS: readonly Check[] = [
  network,
  keyFile,
  keyMode,
  sshAgent,
  keyEncrypted,
  knownHosts,
  knownHostsWritable,
  sshConfig,
  forwardProxy,
  inventoryWritable,
  nobodyAllowed,
  believedClients,
  nodeVersion,
];
