import { parse } from 'yaml';
import { DEFAULTS } from '../../inventory/defaults.ts';
import type { InitAnswers, NamedHost } from './answers.ts';

/**
 * The inventory's text for checked answers: it reads back as what was answered, and explains itself.
 * @param schema the path for editors, where a JSON Schema stands beside the file
 */
export function renderInventory(answers: InitAnswers, schema: string | undefined): string {
  const { proxy, user, agents, agentNetworks, allow } = answers;
  const names = agents.map(({ name }) => scalar(name));
  return [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    '# The hosts that dcvops works on. After a change: dcvops inventory validate',
    '',
    '# Said once for all hosts; a host’s own `ssh` wins, ~/.ssh/config fills in the rest.',
    'defaults:',
    `  ssh: ${flow({ user, key: answers.key })}`,
    ...(answers.agentsThroughProxy
      ? [
          '  # The way to the agents is through the proxy.',
          '  agents:',
          `    ssh: ${flow({ jump: proxy.name })}`,
        ]
      : []),
    '',
    '# The nginx hosts, the only way in.',
    'proxies:',
    `  - ${host(proxy, answers.sshPort)}`,
    '',
    '# The DCV hosts, by the address that is part of the URL.',
    'agents:',
    ...agents.map((agent) => `  - ${host(agent, 22)}`),
    '',
    'gateway:',
    '  # A port, or ADDRESS:PORT to answer on one address only.',
    `  listen: ${DEFAULTS.listen}`,
    ...(answers.url === undefined ? [] : ['  # What people open.', `  url: ${scalar(answers.url)}`]),
    ...tls(answers.selfSigned),
    '  # Answers URLs without an address. A list is a pool.',
    `  default: ${names[0] ?? '[]'}`,
    '  # Every agent in here is served, named above or not; no other address is.',
    `  agent_networks: [${agentNetworks.map(scalar).join(', ')}]`,
    '  # The networks that may connect; any means everyone.',
    `  access: { allow: ${allow === 'any' ? 'any' : `[${allow.map(scalar).join(', ')}]`} }`,
    '',
    '# What `dcvops session create` does when it is told nothing else.',
    'sessions:',
    `  defaults: ${flow({ type: DEFAULTS.sessionType, user, owner: user, id: DEFAULTS.sessionId })}`,
    '',
  ].join('\n');
}

function tls(selfSigned: boolean): string[] {
  if (selfSigned) return ['  # Created on the proxy where it is missing.', '  tls: self-signed'];
  return [
    '  # Files on the proxy. (tls: self-signed creates them.)',
    '  tls:',
    `    certificate: ${DEFAULTS.certificate}`,
    `    key: ${DEFAULTS.certificateKey}`,
  ];
}

function host({ name, host: address }: NamedHost, sshPort: number): string {
  const ssh = sshPort === 22 ? '' : `, ssh: { port: ${sshPort} }`;
  return `{ name: ${scalar(name)}, host: ${scalar(address)}${ssh} }`;
}

function flow(values: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${scalar(value)}`],
  );
  return `{ ${pairs.join(', ')} }`;
}

/** Plain where YAML reads it back as the same text in any place; in double quotes (which are JSON's) otherwise. */
function scalar(value: string): string {
  const plain = /^[A-Za-z0-9~/_.][^\s{}[\],#&*!|>'"%@`]*$/.test(value);
  return plain && readsBack(value) ? value : JSON.stringify(value);
}

function readsBack(value: string): boolean {
  try {
    return (parse(`{ value: ${value} }`) as { value: unknown }).value === value;
  } catch {
    return false;
  }
}
