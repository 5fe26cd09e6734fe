/**
 * Networks that are never an agent's, however wide the inventory's networks are. The inventory refuses them, and the
 * gateway's allow-list excludes them once more.
 */
export const NEVER_AGENTS: readonly { readonly network: string; readonly what: string }[] = [
  { network: '0.0.0.0/8', what: 'this host' },
  { network: '100.100.100.200/32', what: 'metadata service of Alibaba Cloud' },
  { network: '127.0.0.0/8', what: 'loopback' },
  { network: '168.63.129.16/32', what: 'platform service of Azure' },
  { network: '169.254.0.0/16', what: 'link-local; the metadata service of most clouds' },
  { network: '224.0.0.0/3', what: 'multicast, reserved, broadcast; geo files what it cannot parse here' },
  { network: '::/96', what: 'unspecified, loopback, IPv4-compatible' },
  { network: '64:ff9b::/96', what: 'IPv4 behind NAT64' },
  { network: '2002::/16', what: 'IPv4 behind 6to4' },
  { network: 'fd00:ec2::254/128', what: 'metadata service of AWS' },
  { network: 'fd20:ce::254/128', what: 'metadata service of Google Cloud' },
  { network: 'fe80::/10', what: 'link-local' },
  { network: 'ff00::/8', what: 'multicast' },
];
