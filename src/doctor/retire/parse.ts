import { type ConfFile, digestOf } from '../../dcv/conf/file.ts';
import { parseSessions } from '../../dcv/session/parse.ts';
import type { ScriptRecord } from '../../shell/records.ts';
import { parseLeftovers, parseResolver } from '../parse/leftovers.ts';
import { linesOf } from '../parse/lines.ts';
import { type Probe, type Probes, readProbes } from '../parse/probes.ts';
import type { RetireFacts, Retired, UnitState } from './types.ts';

/** Reads what `readForRetire` told. Pure; what was not told, or makes no sense, is undefined or empty. */
export function parseRetireFacts(records: readonly ScriptRecord[]): RetireFacts {
  const probes = readProbes(records);
  const leftovers = parseLeftovers(probes, {});
  const wanted = parseResolver(probes.text('wanted-resolver'), undefined);
  const holder = probes.text('port-holder') ?? '';
  return {
    units: parseUnits(probes.text('units')),
    leftovers: wanted === undefined ? leftovers : { ...leftovers, resolver: wanted },
    conf: parseConf(probes),
    viewers: countViewers(probes.first('sessions')),
    clients: [...new Set(probes.all('clients').flatMap(({ output }) => linesOf(output)))],
    portHolder: holder === '' ? undefined : holder,
    retired: parseRetired(probes),
  };
}

/** `systemctl show`, a block for each unit. */
function parseUnits(text: string | undefined): UnitState[] {
  return (text ?? '').split(/\n{2,}/).flatMap((block) => {
    const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
    if (value('Id') === '') return [];
    return {
      unit: value('Id'),
      loaded: value('LoadState') === 'loaded',
      active: /^(?:active|reloading|activating)$/.test(value('ActiveState')),
      enabled: value('UnitFileState') === 'enabled',
    };
  });
}

function parseConf(probes: Probes): ConfFile | undefined {
  const told = probes.text('conf');
  if (told === undefined) return undefined;
  const text = decode(told);
  return { text, digest: digestOf(text), mode: probes.text('conf-mode') ?? '' };
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

/** DCV that does not answer, or not as JSON, does not say whether anybody is connected. */
function countViewers(probe: Probe | undefined): number | undefined {
  if (probe?.code !== 0) return undefined;
  try {
    const counts = parseSessions(probe.output).map(({ connections }) => connections);
    return counts.includes(undefined) ? undefined : counts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  } catch {
    return undefined;
  }
}

function parseRetired(probes: Probes): Retired[] {
  const confs = probes.all('kept-conf');
  return probes.all('kept').map(({ output }, index) => {
    const [name = '', meta = '', due, ...manifest] = output.split('\n');
    const units = manifest.flatMap((line) => {
      const [, unit, active, enabled] = /^unit (\S+) (yes|no) (yes|no)$/.exec(line) ?? [];
      return unit === undefined ? [] : [{ unit, active: active === 'yes', enabled: enabled === 'yes' }];
    });
    const [, before, after] =
      manifest
        .map((line) => /^conf ([0-9a-f]{64}) ([0-9a-f]{64})$/.exec(line))
        .find((match) => match !== null) ?? [];
    const text = decode(confs[index]?.output ?? '');
    const isWhole = digestOf(text) === before;
    return {
      name,
      meta,
      units,
      conf: isWhole && after !== undefined ? { text, before, after } : undefined,
      damaged: before !== undefined && !isWhole,
      restartDue: due === 'restart-due yes',
    };
  });
}
