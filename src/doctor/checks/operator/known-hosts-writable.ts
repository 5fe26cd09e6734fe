import { operatorCheck } from '../../check.ts';
import { writableByOthers } from './writable.ts';

export const knownHostsWritable = operatorCheck({
  id: 'operator/known-hosts-writable',
  severity: 'warning',
  title: 'Everybody on this machine may change known_hosts',
  why: 'Whoever can write it decides which machine is taken for which host.',
  remedy: 'chmod o-w FILE',
  fix: 'takes the right to write from others; undone with chmod',
  look: ({ operator }) => operator.knownHosts.flatMap(({ path, mode }) => writableByOthers(path, mode) ?? []),
});
