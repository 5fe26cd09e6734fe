import { words } from '../../../shell/shell.ts';
import { operatorCheck } from '../../check.ts';
import { needsPassphrase } from './needs-passphrase.ts';

export const sshAgent = operatorCheck({
  id: 'operator/ssh-agent',
  severity: 'warning',
  title: 'The SSH agent does not answer',
  why: 'SSH_AUTH_SOCK names an agent that is gone or hangs, and without it there is a passphrase to type, or no key at all.',
  remedy: 'eval "$(ssh-agent)" && ssh-add KEY',
  symptoms: ['network'],
  look({ operator }) {
    if (operator.sshAgent === undefined || operator.sshAgent.answers) return undefined;
    const waiting = needsPassphrase(operator);
    if (waiting.length === 0 && operator.keys.length > 0) return undefined;
    return {
      seen: 'SSH_AUTH_SOCK is set, but nothing answers there',
      remedy: ['eval "$(ssh-agent)"', words(['ssh-add', ...waiting.map(({ path }) => path)]).toString()].join(
        '\n',
      ),
    };
  },
});
