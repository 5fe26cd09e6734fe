import { DcvopsError } from '../../errors.ts';

/** What a command line may ask of the doctor, as far as not everything goes together. */
interface Asked {
  readonly facts?: boolean;
  readonly from?: string;
  readonly list?: boolean;
  readonly fix?: boolean;
  readonly endSessions?: boolean;
}

/** @throws DcvopsError `usage` for options that contradict each other */
export function refuseCombinations(hosts: readonly string[], asked: Asked): void {
  const modes = [
    ...(asked.list === true ? ['--list'] : []),
    ...(asked.facts === true ? ['--facts'] : []),
    ...(asked.from === undefined ? [] : ['--from']),
    ...(asked.fix === true ? ['--fix'] : []),
  ];
  if (modes.length > 1) {
    throw new DcvopsError('usage', `${modes.join(' and ')} do not go together`, {
      hint: 'dcvops doctor --help',
    });
  }
  const [mode] = modes;
  if (hosts.length > 0 && (mode === '--list' || mode === '--from')) {
    throw new DcvopsError('usage', `${mode} asks no host, so it takes none`, {
      hint: mode === '--list' ? 'dcvops doctor --list' : 'dcvops doctor --from FILE',
    });
  }
  if (asked.endSessions === true && mode !== '--fix') {
    throw new DcvopsError('usage', '--end-sessions is for --fix: without it nothing is changed', {
      hint: 'dcvops doctor --fix --end-sessions',
    });
  }
}
