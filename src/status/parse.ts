import { parseAgentSessions } from '../dcv/agent-facts.ts';
import type { DiskFacts } from '../doctor/facts/system.ts';
import { type Probes, hung, readProbes } from '../doctor/parse/probes.ts';
import type { ScriptRecord } from '../shell/records.ts';
import { FOLDERS } from './script.ts';
import type { AgentFigures, NginxState, ProxyFigures, SystemFigures } from './types.ts';

/** Reads what a proxy told. Pure; what cannot be understood is undefined. */
export function parseProxy(records: readonly ScriptRecord[]): ProxyFigures {
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const live = value('live');
  const counts = /^(\d+) (\d+)$/.exec(value('connections') ?? '');
  return {
    ...parseSystem(readProbes(records), FOLDERS.proxy),
    nginx: parseNginx(value('unit') ?? '', {
      installed: value('nginx') !== undefined,
      runs: value('runs') !== undefined,
    }),
    file: live === undefined ? undefined : { releaseId: live === '' ? undefined : live },
    connections: counts === null ? undefined : Number(counts[1]),
    clients: counts === null ? undefined : Number(counts[2]),
    down: (value('down') ?? '').split('\n').filter((name) => name !== ''),
  };
}

/** Reads what an agent told. Pure. @throws DcvopsError `failed` for a list of sessions that cannot be understood */
export function parseAgent(records: readonly ScriptRecord[]): AgentFigures {
  return { ...parseSystem(readProbes(records), FOLDERS.agent), ...parseAgentSessions(records) };
}

/** @param found what was seen of nginx where systemd knows nothing of it */
function parseNginx(unit: string, found: { installed: boolean; runs: boolean }): NginxState {
  if (!/^LoadState=loaded$/m.test(unit)) {
    if (found.runs) return 'active';
    return found.installed ? 'stopped' : 'absent';
  }
  const [, state = ''] = /^ActiveState=(.*)$/m.exec(unit) ?? [];
  return STATES[state] ?? 'stopped';
}

/** ActiveState of systemd; all others are ways of being stopped. */
const STATES: Readonly<Record<string, NginxState>> = {
  active: 'active',
  reloading: 'active',
  activating: 'starting',
  failed: 'failed',
};

function parseSystem(probes: Probes, folders: readonly string[]): SystemFigures {
  const told = probes.all('disk');
  return {
    load: parseLoad(probes.text('load') ?? ''),
    memoryUsedPercent: parseMemory(probes.text('memory') ?? ''),
    disks: mergeMounts(told.flatMap(({ output }, index) => parseDisk(output, folders[index] ?? '?'))),
    silentFolders: folders.filter((_, index) => {
      const probe = told[index];
      return probe !== undefined && hung(probe);
    }),
  };
}

/** `0.52 4`: the load of the last minute, and the number of processors. */
function parseLoad(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ([1-9]\d*)$/.exec(text);
  return match === null ? undefined : Number(match[1]) / Number(match[2]);
}

function parseMemory(text: string): number | undefined {
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]);
  const used = 100 * (1 - kib('MemAvailable') / kib('MemTotal'));
  return Number.isFinite(used) ? Math.round(used) : undefined;
}

/** The last line of `df -Pk`; file systems without a size tell "-" for how full they are, and are left out. */
function parseDisk(output: string, folder: string): DiskFacts[] {
  const last = output.split('\n').at(-1) ?? '';
  const match = /^(\S.*?)\s+(\d+)\s+\d+\s+(\d+)\s+(\d+)%\s+(\/.*)$/.exec(last);
  if (match === null) return [];
  const [, device = '', size, available, percent, mount = ''] = match;
  return [
    {
      ...{ mount, device, folders: [folder] },
      sizeKiB: Number(size),
      availableKiB: Number(available),
      usedPercent: Number(percent),
    },
  ];
}

function mergeMounts(disks: readonly DiskFacts[]): DiskFacts[] {
  const mounts = [...new Set(disks.map(({ mount }) => mount))];
  return mounts.flatMap((mount) => {
    const same = disks.filter((disk) => disk.mount === mount);
    return same.slice(0, 1).map((disk) => ({ ...disk, folders: same.flatMap(({ folders }) => folders) }));
  });
}
