import { operatorCheck } from '../../check.ts';
import type { OperatorFacts } from '../../facts/operator.ts';

export const sshConfig = operatorCheck({
  id: 'operator/ssh-config',
  severity: 'note',
  title: 'ssh_config says something else than the inventory',
  why: 'ssh by itself then takes another way to this host, which may be why it gets there where dcvops fails, or the other way round.',
  remedy: 'ssh -G ADDRESS\nwrite what is right into the inventory: ssh: { … }',
  symptoms: ['network'],
  look: ({ operator, hosts, inventory }) =>
    operator.sshConfig.flatMap((surprise) => {
      const host = hosts.find(({ name }) => name === surprise.host);
      // where the login works nobody needs to be told
      if (host === undefined || host.reach.ok) return [];
      return [
        {
          seen: `${host.name} cannot be logged in to, and ssh_config says for it: ${told(surprise)}`,
          remedy: `ssh -G ${host.address}\n${adviceFor(surprise, inventory.file)}`,
        },
      ];
    }),
});

type Surprise = OperatorFacts['sshConfig'][number];

function told({ option, value }: Surprise): string {
  if (option === 'ssh_config') return value;
  const done = option === 'HostName' ? 'that is where the connection goes' : 'that is not done here';
  return `${option} ${value} (${done})`;
}

function adviceFor({ option }: Surprise, file: string): string {
  switch (option) {
    case 'ProxyCommand':
    case 'ProxyJump':
      return `name the host to go through in ${file}: ssh: { jump: … }`;
    case 'User':
      return `name the right one in ${file}: ssh: { user: … }`;
    case 'Port':
      return `name the right one in ${file}: ssh: { port: … }`;
    default:
      return 'mend ~/.ssh/config, or set DCVOPS_SSH_CONFIG=none to do without it';
  }
}
