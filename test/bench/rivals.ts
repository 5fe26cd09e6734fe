import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestLab } from '../lab/support/lab.ts';
import { words } from '../../src/shell/shell.ts';

/** Where a proxy is reached: on the lab's network, or through a slow line. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The ways people deploy an nginx file without dcvops, made ready to run on the operator's side. */
export interface Rivals {
  /** `ssh HOST true`. */
  readonly sshTrue: readonly string[];
  /** The shell script, for one of the configurations. */
  readonly script: (configuration: string) => readonly string[];
  /** The same work as a playbook. */
  readonly playbook: (configuration: string) => readonly string[];
  readonly playbookEnv: Readonly<Record<string, string>>;
}

/**
 * Writes the rivals into a directory. They log in as dcvops does (address, port, user, key, known_hosts) by an ssh_config
 * of their own; everything else is OpenSSH's default: no shared connections.
 */
export function prepareRivals(lab: TestLab, directory: string, at: Address, knownHosts: string): Rivals {
  const write = (name: string, content: string): string => {
    const file = path.join(directory, name);
    writeFileSync(file, content);
    return file;
  };
  const config = write('ssh_config', sshConfig(at, lab.key, knownHosts));
  const script = write('deploy.sh', SCRIPT);
  chmodSync(script, 0o755);
  const playbook = write('playbook.yaml', PLAYBOOK);
  const inventory = write('hosts.ini', 'gateway ansible_python_interpreter=/usr/bin/python3\n');
  return {
    sshTrue: ['ssh', '-F', config, 'gateway', 'true'],
    script: (configuration) => [script, config, configuration],
    playbook: (configuration) => [
      ...['ansible-playbook', '-i', inventory, '-e', `configuration=${configuration}`, playbook],
    ],
    playbookEnv: {
      ANSIBLE_PIPELINING: 'True',
      ANSIBLE_SSH_ARGS: `-F ${words([config]).toString()} -o ControlMaster=auto -o ControlPersist=60s`,
    },
  };
}

function sshConfig({ host, port }: Address, key: string, knownHosts: string): string {
  return `Host gateway
  HostName ${host}
  Port ${port}
  User ec2-user
  IdentityFile ${key}
  UserKnownHostsFile ${knownHosts}
`;
}

/**
 * Five logins: copy, install, test, reload, look. The lab's hosts have no curl; openssl asks the same question over the same
 * TLS. `$1` ssh_config, `$2` the file.
 */
const SCRIPT = `#!/bin/sh
set -e
scp -q -F "$1" "$2" gateway:dcv-gateway.conf
ssh -F "$1" gateway sudo install -o root -g root -m 644 dcv-gateway.conf /etc/nginx/conf.d/dcv-gateway.conf
ssh -F "$1" gateway sudo nginx -t
ssh -F "$1" gateway sudo systemctl reload nginx
ssh -F "$1" gateway 'printf "GET /health HTTP/1.1\\r\\nHost: gateway\\r\\nConnection: close\\r\\n\\r\\n" |
  openssl s_client -quiet -connect 127.0.0.1:8443 2>/dev/null' | grep -q '^HTTP/1.1 200'
`;

const PLAYBOOK = `- hosts: gateway
  gather_facts: false
  become: true
  tasks:
    - name: install
      copy: { src: '{{ configuration }}', dest: /etc/nginx/conf.d/dcv-gateway.conf, owner: root, group: root, mode: '0644' }
    - name: test
      command: nginx -t
    - name: reload
      systemd: { name: nginx, state: reloaded }
    - name: look
      uri: { url: 'https://127.0.0.1:8443/health', validate_certs: false }
`;
