import fs from 'node:fs';
import path from 'node:path';
import { words } from '../../src/shell/shell.ts';
import { run } from './command.ts';
import { removeLab } from './down.ts';
import { laidOn, layHost, makeOperatorKey } from './host/lay.ts';
import { type HostLayers, prepareLayers } from './host/layers.ts';
import { isPoweredOn, powerOff, powerOn, waitUntilUp } from './host/power.ts';
import { ensureImage } from './image/image.ts';
import { writeInventory } from './inventory.ts';
import { LabError } from './lab-error.ts';
import { raiseLimits } from './limits.ts';
import { withLock } from './lock.ts';
import { isMounted } from './mounts.ts';
import { makeOperatorNetwork } from './network.ts';
import { labPaths, REPOSITORY } from './paths.ts';
import { checkLabName, findHost, type LabHost, type LabRequest, planHosts, SMALL_LAB } from './plan.ts';
import { requireLabMachine } from './prerequisites.ts';
import { type LabState, readState, writeState } from './state.ts';

export interface UpResult {
  readonly state: LabState;
  /** Names of the hosts that were switched on; the others ran already. */
  readonly started: readonly string[];
  /** Those of them that are new. */
  readonly laid: readonly string[];
  /** What a host would be laid on now. */
  readonly layersOf: (host: LabHost) => HostLayers;
}

/**
 * Brings a lab up, or what is missing of it: hosts that were asked for and are not there yet, hosts that are off. What a
 * request leaves out stays as the lab has it.
 * @param tell told about what takes long
 * @throws LabError when the machine lacks something, or when the lab that is up is of another kind
 */
export async function up(
  name: string,
  request: Partial<LabRequest>,
  tell: (line: string) => void,
): Promise<UpResult> {
  checkLabName(name);
  requireLabMachine();
  const image = await ensureImage(tell);
  const waiting = (): void => {
    tell(`another process is busy with the lab "${name}"; waiting for it`);
  };
  return withLock(`lab.${name}`, waiting, async () => {
    const state = (await existing(name, request)) ?? (await found(name, request));
    const layersOf = await prepareLayers(name, image);
    const laid = state.hosts.filter((host) => laidOn(name, host) === undefined);
    const off = state.hosts.filter((host) => !isPoweredOn(name, host));
    await Promise.all(off.map((host) => switchOn(name, host, layersOf(host))));
    await Promise.all(state.hosts.map((host) => waitUntilUp(name, host)));
    writeInventory(state);
    writeDcvops(labPaths(name).operatorPrograms);
    return { state, started: off.map(nameOf), laid: laid.map(nameOf), layersOf };
  });
}

/**
 * Gives hosts of a lab that is up new disks; all without names.
 * @returns their names
 */
export async function reset(
  name: string,
  hostNames: readonly string[],
  tell: (line: string) => void,
): Promise<string[]> {
  const { state, laid, layersOf } = await up(name, {}, tell);
  const hosts = hostNames.length === 0 ? state.hosts : hostNames.map((one) => findHost(state.hosts, one));
  await Promise.all(
    hosts.map(async (host) => {
      if (laid.includes(host.name)) return;
      await resetHost(name, host, layersOf(host));
      await waitUntilUp(name, host);
    }),
  );
  return hosts.map(nameOf);
}

/** The lab that is there, grown to what is asked for; undefined when there is none. */
async function existing(name: string, request: Partial<LabRequest>): Promise<LabState | undefined> {
  const state = readState(name);
  if (state === undefined) {
    await removeLab(name); // what an `up` left behind that was cut off
    return undefined;
  }
  if (request.bareProxy !== undefined && request.bareProxy !== state.request.bareProxy) {
    throw new LabError(
      `The lab "${name}" is up ${state.request.bareProxy ? 'with bare proxies' : 'with nginx on its proxies'}.`,
      `npm run lab -- down --name ${name}`,
    );
  }
  const grown: LabRequest = {
    bareProxy: state.request.bareProxy,
    proxies: Math.max(request.proxies ?? 0, state.request.proxies),
    agents: Math.max(request.agents ?? 0, state.request.agents),
  };
  const next = { name, request: grown, hosts: planHosts(grown) };
  writeState(next);
  return next;
}

/** Makes a lab without hosts: its directory, its network, the operator's key. */
async function found(name: string, request: Partial<LabRequest>): Promise<LabState> {
  const whole = { ...SMALL_LAB, ...request };
  const hosts = planHosts(whole);
  const paths = labPaths(name);
  fs.mkdirSync(paths.directory, { recursive: true });
  await raiseLimits();
  if (!isMounted(paths.directory)) {
    await run(['mount', '-t', 'tmpfs', '-o', 'mode=0755', `dcvops-lab.${name}`, paths.directory]);
  }
  fs.mkdirSync(paths.operatorHome, { mode: 0o700 });
  await makeOperatorNetwork(name);
  await makeOperatorKey(name);
  const state = { name, request: whole, hosts };
  writeState(state);
  return state;
}

/** `dcvops`, as a program to type on the operator's side: of the checkout that ran `up` last. */
function writeDcvops(directory: string): void {
  const main = path.join(REPOSITORY, 'dist', 'main.js');
  const program = words([process.execPath, main]).toString();
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, 'dcvops'), `#!/bin/sh\nexec ${program} "$@"\n`, { mode: 0o755 });
}

/** Switches a host on, laid first when it is new. */
async function switchOn(lab: string, host: LabHost, layers: HostLayers): Promise<void> {
  await powerOff(lab, host); // what a host that died left of its cgroups
  if (laidOn(lab, host) === undefined) await layHost(lab, host, layers);
  await powerOn(lab, host);
}

/** Switches a host off and on again with a new disk; its keys and its certificate stay. */
export async function resetHost(lab: string, host: LabHost, layers: HostLayers): Promise<void> {
  await powerOff(lab, host);
  await layHost(lab, host, layers);
  await powerOn(lab, host);
}

function nameOf(host: LabHost): string {
  return host.name;
}
