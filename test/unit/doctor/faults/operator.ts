import type { FactSet, ReachFacts } from '../../../../src/doctor/facts/fleet.ts';
import type { SeededFault } from './seeded-fault.ts';
import { unreached } from './unreached.ts';

/** The one key file of the healthy fleet. */
function key(set: FactSet): FactSet['operator']['keys'][number] {
  const [first] = set.operator.keys;
  if (first === undefined) throw new Error('the healthy fleet has a key');
  return first;
}

/** Whatever goes wrong with the login is the same for all hosts. */
function everywhere(
  set: FactSet,
  failure: Pick<Extract<ReachFacts, { ok: false }>, 'stage' | 'message'>,
): void {
  for (const { name } of set.hosts) unreached(set, name, failure);
}

export const OPERATOR_FAULTS: readonly SeededFault[] = [
  {
    name: 'the VPN is not connected',
    breaks(set) {
      everywhere(set, { stage: 'tcp', message: 'no answer from the address in 10 s' });
      for (const sight of set.gateways) {
        sight.direct = { ok: false, elapsedMs: 5_000, obstacle: 'filtered', detail: 'no answer in 5 s' };
        sight.release = undefined;
        sight.http2 = undefined;
        sight.certificate = undefined;
      }
      set.paths = set.paths.map(({ proxy, agent }) => ({ proxy, agent, way: 'none' }));
    },
    check: 'operator/network',
    subject: 'operator',
    seen: /none of 3 hosts answers/,
    remedy: /VPN/,
  },
  {
    name: 'the key file was moved away',
    breaks(set) {
      Object.assign(key(set), { state: 'missing', mode: undefined });
      everywhere(set, { stage: 'login', message: 'key file ~/.ssh/tom.pem does not exist' });
    },
    check: 'operator/key-file',
    subject: 'operator',
    seen: /tom\.pem does not exist; it is for gateway, agent1 and agent2$/,
    remedy: /^ls -l \/home\/anna\/\.ssh\/tom\.pem$/m,
  },
  {
    name: 'the public key was named instead of the private one',
    breaks(set) {
      const reason = 'key file ~/.ssh/tom.pub is a public key; the private one is wanted';
      Object.assign(key(set), { state: 'not-a-key', reason, hint: 'ls ~/.ssh/tom' });
      everywhere(set, { stage: 'login', message: reason });
    },
    check: 'operator/key-file',
    subject: 'operator',
    seen: /is a public key; .* it is for gateway/,
    remedy: /^ls ~\/\.ssh\/tom$/,
  },
  {
    name: 'the key came by mail and everybody can read it',
    breaks: (set) => Object.assign(key(set), { mode: '644' }),
    check: 'operator/key-mode',
    subject: 'operator',
    seen: /tom\.pem has mode 644/,
    remedy: /^chmod 600 \/home\/anna\/\.ssh\/tom\.pem$/,
  },
  {
    name: 'the SSH agent of another login is gone',
    breaks(set) {
      Object.assign(key(set), { encrypted: true, inAgent: false });
      set.operator.sshAgent = { answers: false, keys: 0 };
    },
    check: 'operator/ssh-agent',
    subject: 'operator',
    seen: /nothing answers/,
    remedy: /^ssh-add \/home\/anna\/\.ssh\/tom\.pem$/m,
  },
  {
    name: 'the key has a passphrase, and the agent does not hold it',
    breaks(set) {
      Object.assign(key(set), { encrypted: true, inAgent: false });
      set.operator.sshAgent = { answers: true, keys: 0 };
    },
    check: 'operator/key-encrypted',
    subject: 'operator',
    seen: /is encrypted/,
    remedy: /^ssh-add \/home/,
  },
  {
    name: 'a new agent was never trusted',
    breaks(set) {
      for (const file of set.operator.knownHosts) file.unknown = ['agent2', 'agent-nobody-asked-for'];
      unreached(set, 'agent2', {
        stage: 'host-key',
        message: 'host key of 10.150.248.136:22 unknown; not logged in.',
      });
    },
    check: 'operator/known-hosts',
    subject: 'operator',
    seen: /known_hosts has no key of agent2$/,
    remedy: /^dcvops trust agent2$/,
  },
  {
    name: 'the operator has a new laptop',
    breaks(set) {
      for (const file of set.operator.knownHosts) {
        Object.assign(file, { state: 'missing', mode: undefined, unknown: ['gateway', 'agent1', 'agent2'] });
      }
      everywhere(set, { stage: 'host-key', message: 'host key of the address unknown; not logged in.' });
    },
    check: 'operator/known-hosts',
    subject: 'operator',
    seen: /known_hosts has no key of gateway, agent1 and agent2$/,
    remedy: /^dcvops trust$/,
  },
  {
    name: 'a hop of ssh_config was never trusted',
    breaks(set) {
      for (const file of set.operator.knownHosts) file.unknown = ['10.1.1.1:22'];
      unreached(
        set,
        'agent2',
        { stage: 'jump', message: 'its jump host 10.1.1.1:22 failed: host key of 10.1.1.1:22 unknown' },
        ['10.1.1.1:22'],
      );
    },
    check: 'operator/known-hosts',
    subject: 'operator',
    seen: /no key of 10\.1\.1\.1:22$/,
    remedy: /^dcvops trust agent2$/,
  },
  {
    name: 'known_hosts belongs to root',
    breaks(set) {
      for (const file of set.operator.knownHosts) file.state = 'unreadable';
      everywhere(set, { stage: 'host-key', message: '/home/anna/.ssh/known_hosts cannot be read (EACCES)' });
    },
    check: 'operator/known-hosts',
    subject: 'operator',
    seen: /cannot be read/,
    remedy: /^ls -ld \/home\/anna\/\.ssh\/known_hosts$/,
  },
  {
    name: 'ssh_config reaches the agent by a ProxyCommand',
    breaks(set) {
      set.operator.sshConfig = [
        { host: 'agent1', option: 'ProxyCommand', value: 'nc -x bastion:1080 %h %p' },
      ];
      unreached(set, 'agent1', { stage: 'tcp', message: 'no answer from 10.150.248.180:22 in 10 s' });
    },
    check: 'operator/ssh-config',
    subject: 'operator',
    seen: /ProxyCommand nc -x bastion/,
    remedy: /ssh: \{ jump: … \}/,
    beside: ['reach/no-answer agent1'],
  },
  {
    name: 'the shell sends everything to a forward proxy',
    breaks(set) {
      set.operator.forwardProxy = {
        https_proxy: 'http://proxy.example:3128',
        no_proxy: '.example,10.0.0.0/16',
      };
    },
    check: 'operator/forward-proxy',
    subject: 'operator',
    seen: /no_proxy does not name 10\.213\.66\.188/,
    remedy: /^export no_proxy=".*10\.213\.66\.188"$/m,
  },
  {
    name: 'known_hosts was made writable for everybody',
    breaks(set) {
      set.operator.knownHosts = set.operator.knownHosts.map((file) => ({ ...file, mode: '666' }));
    },
    check: 'operator/known-hosts-writable',
    subject: 'operator',
    seen: /known_hosts has mode 666$/,
    remedy: /^chmod o-w \/home\/anna\/\.ssh\/known_hosts$/,
  },
  {
    name: 'everybody may write the inventory',
    breaks(set) {
      set.operator.inventory.mode = '666';
    },
    check: 'operator/inventory-writable',
    subject: 'operator',
    seen: /mode 666/,
    remedy: /^chmod o-w inventory\/hosts\.yaml$/,
  },
  {
    name: 'somebody denied the network of the whole company',
    breaks(set) {
      set.inventory.gateway.deny = ['10.0.0.0/8'];
      for (const { proxy } of set.hosts) if (proxy?.live !== undefined) proxy.live.deny = ['10.0.0.0/8'];
    },
    check: 'operator/nobody-allowed',
    subject: 'operator',
    seen: /^gateway\.access allows nothing that its deny \(10\.0\.0\.0\/8\) does not take away$/,
    remedy: /^make the deny of gateway\.access in inventory\/hosts\.yaml smaller/,
  },
  {
    name: 'an agent is denied to the one network that it is for',
    breaks(set) {
      const [first] = set.inventory.agents;
      if (first !== undefined) first.access = { allow: ['10.213.1.0/24'], deny: ['10.213.0.0/16'] };
    },
    check: 'operator/nobody-allowed',
    subject: 'operator',
    seen: /^access of agent1 allows nothing/,
    remedy: /smaller, then: dcvops deploy$/,
  },
  {
    name: 'the whole network was named as the load balancer’s, people included',
    breaks(set) {
      set.inventory.gateway.realIpFrom = ['10.0.0.0/8'];
    },
    check: 'operator/believed-clients',
    subject: 'operator',
    seen: /real_ip_from \(10\.0\.0\.0\/8\) holds 10\.213\.0\.0\/16 of access\.allow/,
    remedy: /^name only the load balancers’ addresses/,
  },
  {
    name: 'Node.js is that of an old distribution',
    breaks(set) {
      set.operator.node = '18.19.0';
    },
    check: 'operator/node-version',
    subject: 'operator',
    seen: /18\.19\.0/,
    remedy: /^node --version$/m,
  },
];
