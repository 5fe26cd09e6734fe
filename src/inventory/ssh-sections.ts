import type { Path } from './problem.ts';
import type { SshSection } from './schema.ts';

/** Where SSH settings for a host come from, the strongest first. */
export interface SshSource {
  readonly path: Path;
  readonly settings: SshSection;
}

export interface HostSection {
  readonly role: 'proxy' | 'agent';
  readonly path: Path;
  readonly name?: string | undefined;
  readonly host?: string | undefined;
  readonly ssh?: SshSection | undefined;
}

interface Defaults {
  readonly ssh?: SshSection | undefined;
  readonly agents?: { readonly ssh?: SshSection | undefined } | undefined;
}

/** The sections that speak for a host: its own, then the agents' defaults (for agents), then everybody's. */
export function sshSources(
  host: Omit<HostSection, 'path'> & { path?: Path },
  defaults: Defaults = {},
): SshSource[] {
  const sources: readonly { path: Path; settings: SshSection | undefined }[] = [
    { path: [...(host.path ?? []), 'ssh'], settings: host.ssh },
    {
      path: ['defaults', 'agents', 'ssh'],
      settings: host.role === 'agent' ? defaults.agents?.ssh : undefined,
    },
    { path: ['defaults', 'ssh'], settings: defaults.ssh },
  ];
  return sources.flatMap(({ path, settings }) => (settings === undefined ? [] : [{ path, settings }]));
}

/** A setting and the place it was written at. */
export function sshSetting<Key extends keyof SshSection>(
  sources: readonly SshSource[],
  key: Key,
): { readonly value: NonNullable<SshSection[Key]>; readonly path: Path } | undefined {
  for (const { path, settings } of sources) {
    const value = settings[key];
    if (value !== undefined) return { value, path: [...path, key] };
  }
  return undefined;
}

/**
 * The host to go through. `none` says directly; and so does a default that names the host itself: with
 * `defaults.ssh.jump: gateway`, gateway is the one host that is reached without a jump.
 */
export function jumpOf(
  name: string | undefined,
  sources: readonly SshSource[],
): { readonly value: string; readonly path: Path } | undefined {
  const jump = sshSetting(sources, 'jump');
  if (jump === undefined || jump.value === 'none') return undefined;
  return jump.value === name && jump.path[0] === 'defaults' ? undefined : jump;
}

/** The hosts' names, each once. */
export function namesOf(hosts: readonly HostSection[]): string[] {
  return [...new Set(hosts.flatMap(({ name }) => name ?? []))];
}
