import { sh } from '../../../shell/shell.ts';
import { operatorCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';
import { needsPassphrase } from './needs-passphrase.ts';

export const keyEncrypted = operatorCheck({
  id: 'operator/key-encrypted',
  severity: 'note',
  title: 'A key has a passphrase, and no agent holds it',
  why: 'The passphrase is asked for in every run; where there is no terminal (cron, CI) it cannot ask, and the login fails.',
  remedy: 'ssh-add KEY',
  follows: ['operator/ssh-agent'],
  look: ({ operator }) =>
    needsPassphrase(operator).map(({ path, hosts }) => ({
      seen: `${path} is encrypted; it is for ${someOf(hosts)}`,
      remedy: `${String(sh`ssh-add ${path}`)}\nor, where nobody can type it: DCVOPS_KEY_PASSPHRASE in the environment`,
    })),
});
