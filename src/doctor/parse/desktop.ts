import type { AgentFacts } from '../facts/agent.ts';
import { linesOf } from './lines.ts';
import type { Probes } from './probes.ts';

/** Reads what an agent told of its desktop environments and its display manager. Pure. */
export function parseDesktop({ text }: Probes): AgentFacts['desktop'] {
  const desktops = linesOf(text('desktops'));
  const programs = (text('programs') ?? '').split(' ');
  const displayManager = text('display-manager') ?? '';
  const [gdmConf, ...gdmLines] = linesOf(text('gdm'));
  return {
    xSessions: namesBelow('/usr/share/xsessions/', desktops),
    waylandSessions: namesBelow('/usr/share/wayland-sessions/', desktops),
    displayManager: displayManager === '' ? undefined : displayManager,
    gdmConf,
    waylandEnable: readWaylandEnable(gdmLines),
    xdcv: programs.includes('xdcv'),
    webViewer: programs.includes('web-viewer'),
  };
}

function namesBelow(folder: string, paths: readonly string[]): string[] {
  return paths
    .filter((path) => path.startsWith(folder))
    .map((path) => path.slice(folder.length).replace(/\.desktop$/, ''));
}

/** Only what stands in [daemon] counts; the last of several. */
function readWaylandEnable(lines: readonly string[]): boolean | undefined {
  let section = '';
  let enabled: boolean | undefined;
  for (const line of lines) {
    section = /^\s*\[(.*)\]$/.exec(line)?.[1] ?? section;
    const value = /^\s*WaylandEnable\s*=\s*(\S+)$/.exec(line)?.[1]?.toLowerCase();
    if (section === 'daemon' && value !== undefined) enabled = value === 'true' || value === '1';
  }
  return enabled;
}
