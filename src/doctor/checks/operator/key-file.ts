import { sh } from '../../../shell/shell.ts';
import { operatorCheck } from '../../check.ts';
import type { KeyFileFacts } from '../../facts/operator.ts';
import { someOf } from '../../some-of.ts';

export const keyFile = operatorCheck({
  id: 'operator/key-file',
  severity: 'error',
  title: 'A key file cannot be used',
  why: 'Nobody can log in to the hosts that it is for.',
  remedy: 'ls -l KEY\nname the right one in the inventory: ssh: { key: … }',
  symptoms: ['network'],
  look: ({ operator, inventory }) =>
    operator.keys
      .filter(({ state }) => state !== 'ok')
      .map((key) => ({
        seen: `${whatIsWrong(key)}; it is for ${someOf(key.hosts)}`,
        remedy: remedyFor(key, inventory.file),
        involves: key.hosts,
      })),
});

function whatIsWrong({ path, state, reason }: KeyFileFacts): string {
  if (state === 'missing') return `key file ${path} does not exist`;
  return reason ?? `key file ${path} ${state === 'unreadable' ? 'cannot be read' : 'is no private key'}`;
}

function remedyFor({ path, state, hint }: KeyFileFacts, inventory: string): string {
  if (state !== 'missing') return hint ?? String(sh`ls -l ${path}`);
  return `${String(sh`ls -l ${path}`)}\nname the right one in ${inventory}: ssh: { key: … }`;
}
