import type { AccountFacts } from '../facts/agent.ts';
import { linesOf } from './lines.ts';
import type { Probes } from './probes.ts';

/** Reads the accounts that an agent told of, in its order. Pure. */
export function parseAccounts(probes: Probes): AccountFacts[] {
  const homes = parseHomes(probes.first('homes')?.output);
  return linesOf(probes.first('accounts')?.output).flatMap((line) => {
    const [name = '', status = '', ...entry] = line.split('\t');
    // what hangs is cut off in the middle
    if (name === '') return [];
    const [, , uid, , , home] = entry.join('\t').split(':');
    return [
      {
        name,
        exists: home !== undefined,
        uid: numberOf(uid),
        home: home === '' ? undefined : home,
        homeOwnerUid: numberOf(homes.get(name)?.ownerUid),
        password: passwordOf(status),
        conda: putsCondaFirst(homes.get(name)?.profile ?? []),
      },
    ];
  });
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** `passwd -S`: P and PS are a password, L, LK and NP are none that one can log in with. */
function passwordOf(status: string): AccountFacts['password'] {
  return /^(?:P|PS)$/.test(status) ? 'set' : /^(?:L|LK|NP)$/.test(status) ? 'none' : 'unknown';
}

interface Home {
  readonly ownerUid: string;
  /** Lines of its profile files that have to do with conda. */
  readonly profile: readonly string[];
}

function parseHomes(output: string | undefined): ReadonlyMap<string, Home> {
  const homes = new Map<string, Home>();
  let current = '';
  for (const line of linesOf(output)) {
    const [, name, ownerUid = ''] = /^home\t(.*?)(?:\t(\d*))?$/.exec(line) ?? [];
    const home = homes.get(current);
    if (name !== undefined) {
      current = name;
      homes.set(name, { ownerUid, profile: [] });
    } else if (home !== undefined) {
      homes.set(current, { ...home, profile: [...home.profile, line] });
    }
  }
  return homes;
}

/**
 * `export PATH="/home/jane/miniconda3/bin:$PATH"`, or what `conda init` writes, which does the same unless .condarc says no; the
 * path in there, which is indented, is for a conda that fails.
 */
function putsCondaFirst(profile: readonly string[]): boolean {
  const code = profile.filter((line) => !/^\s*#/.test(line));
  const isOff = code.some((line) => /^\s*auto_activate(?:_base)?:\s*(?:false|no|off)\b/i.test(line));
  return code.some(
    (line) =>
      /^\S.*conda\d*\/bin:.*\$\{?PATH/.test(line) || (!isOff && /conda.* '?shell\.|conda.*\.hook/.test(line)),
  );
}
