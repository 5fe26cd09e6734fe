import type { SeededFault } from './seeded-fault.ts';
import { unreached } from './unreached.ts';

export const REACH_FAULTS: readonly SeededFault[] = [
  {
    name: 'the proxy’s name is not in the DNS of this network',
    breaks(set) {
      unreached(set, 'gateway', {
        stage: 'dns',
        message: 'no address is known for gateway.example (ENOTFOUND)',
      });
    },
    check: 'reach/dns',
    subject: 'gateway',
    seen: /no address is known/,
    remedy: /^getent hosts 10\.213\.66\.188$/m,
  },
  {
    name: 'the agent’s machine is stopped',
    breaks(set) {
      unreached(set, 'agent1', { stage: 'tcp', message: 'no answer from 10.150.248.180:22 in 10 s' });
      set.paths[0] = {
        proxy: 'gateway',
        agent: 'agent1',
        way: 'direct',
        route: {
          ok: false,
          elapsedMs: 5_010,
          status: 504,
          refusal: 'agent',
          detail: '504: the agent does not answer',
        },
        fromProxy: { ok: false, elapsedMs: 5_000, obstacle: 'filtered', detail: 'no answer in 5 s' },
      };
    },
    check: 'reach/no-answer',
    subject: 'agent1',
    seen: /^no answer from 10\.150\.248\.180:22/,
    remedy: /^nc -vz 10\.150\.248\.180 22$/m,
  },
  {
    name: 'the agent behind the proxy is stopped',
    breaks(set) {
      unreached(
        set,
        'agent1',
        { stage: 'jump', message: 'gateway does not reach 10.150.248.180:22: No route to host' },
        ['gateway'],
      );
    },
    check: 'reach/no-answer',
    subject: 'agent1',
    seen: /No route to host/,
    remedy: /^dcvops exec gateway -- nc -vz 10\.150\.248\.180 22$/m,
  },
  {
    name: 'the agent is in a network that only the proxy reaches',
    breaks(set) {
      unreached(set, 'agent1', {
        stage: 'tcp',
        message: 'no answer from 10.150.248.180:22 in 10 s',
        reachedBy: 'gateway',
      });
    },
    check: 'reach/behind-proxy',
    subject: 'agent1',
    seen: /^no answer from/,
    remedy: /^add {2}ssh: \{ jump: gateway \} {2}to agent1 in inventory\/hosts\.yaml$/m,
  },
  {
    name: 'the agent was set up anew and has another host key',
    breaks(set) {
      unreached(set, 'agent1', {
        stage: 'host-key',
        message: 'host key of 10.150.248.180:22 CHANGED; not logged in.',
        hint: 'if it changed on purpose: dcvops trust agent1 --replace',
      });
      // another host that was never trusted does not explain this one
      for (const file of set.operator.knownHosts) file.unknown = ['agent2'];
      unreached(set, 'agent2', { stage: 'host-key', message: 'host key of 10.150.248.136:22 unknown' });
    },
    check: 'reach/host-key',
    subject: 'agent1',
    seen: /CHANGED/,
    remedy: /dcvops trust agent1 --replace$/,
    beside: ['operator/known-hosts operator'],
  },
  {
    name: 'an address was typed that is in no inventory, and nobody has trusted it yet',
    breaks(set) {
      unreached(set, 'agent1', {
        stage: 'host-key',
        message: 'host key of 10.150.248.180:22 unknown; not logged in.',
        hint: 'dcvops trust agent1',
      });
    },
    check: 'reach/host-key-unknown',
    subject: 'agent1',
    seen: /unknown; not logged in/,
    remedy: /^dcvops trust agent1$/,
  },
  {
    name: 'the SSH agent that held the key of one host is gone',
    breaks(set) {
      for (const key of set.operator.keys) key.hosts = ['gateway', 'agent2'];
      set.operator.sshAgent = { answers: false, keys: 0 };
      unreached(set, 'agent1', {
        stage: 'login',
        message: 'there is no key to log in to 10.150.248.180:22 with',
        hint: 'name one in the inventory: ssh: { key: ~/.ssh/… }, or load it into ssh-agent',
      });
    },
    check: 'reach/key-unusable',
    subject: 'agent1',
    seen: /there is no key/,
    remedy: /ssh-agent/,
  },
  {
    name: 'the image wants another user',
    breaks(set) {
      unreached(set, 'agent1', {
        stage: 'login',
        message: 'login at 10.150.248.180:22 refused for ec2-user with ~/.ssh/tom.pem.',
        hint: 'dcvops ssh agent1 -v',
      });
    },
    check: 'reach/login',
    subject: 'agent1',
    seen: /refused for ec2-user/,
    remedy: /^dcvops ssh agent1 -v$/,
  },
  {
    name: 'the proxy’s sshd forwards nothing',
    breaks(set) {
      for (const name of ['agent1', 'agent2']) {
        unreached(
          set,
          name,
          {
            stage: 'jump',
            message: 'gateway does not let connections through to 10.150.248.180:22 (open failed)',
            hint: 'AllowTcpForwarding and PermitOpen in the sshd_config of gateway',
          },
          ['gateway'],
        );
      }
    },
    check: 'reach/jump',
    subject: 'agent1',
    seen: /does not let connections through/,
    remedy: /AllowTcpForwarding/,
    beside: ['reach/jump agent2'],
  },
  {
    name: 'the proxy refuses the login, and with it everything behind it',
    breaks(set) {
      unreached(set, 'gateway', { stage: 'login', message: 'login at 10.213.66.188:50000 refused' });
      for (const name of ['agent1', 'agent2']) {
        unreached(set, name, { stage: 'jump', message: 'its jump host gateway failed: login refused' }, [
          'gateway',
        ]);
      }
    },
    check: 'reach/login',
    subject: 'gateway',
    seen: /refused/,
    remedy: /^dcvops ssh gateway -v$/,
  },
  {
    name: 'the user may not become root',
    breaks(set) {
      unreached(set, 'agent1', { stage: 'sudo', message: 'ec2-user is not allowed to run sudo' });
    },
    check: 'reach/sudo',
    subject: 'agent1',
    seen: /sudo/,
    remedy: /^dcvops exec agent1 -- sudo -n true$/,
  },
  {
    name: 'the login shell prints a greeting into every answer',
    breaks(set) {
      unreached(set, 'agent1', { stage: 'script', message: 'the script told nothing (exit 1)' });
    },
    check: 'reach/facts-missing',
    subject: 'agent1',
    seen: /told nothing/,
    remedy: /^dcvops exec --sudo agent1 -- true$/,
  },
];
