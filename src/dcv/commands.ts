import { type ShellText, sh, words } from '../shell/shell.ts';
import { DcvCommand, dcvCommand } from './run-dcv.ts';
import { formatLayout } from './session/display-layout.ts';
import type { DisplayHead, SessionType } from './types.ts';

/** Everything `dcv create-session` takes. What is undefined is left to DCV. */
export interface CreateSessionOptions {
  readonly id: string;
  readonly type: SessionType;
  /** Who may connect. Always given: under sudo DCV's own default would be root. */
  readonly owner: string;
  /** The user a virtual session runs as; DCV refuses it for the console. */
  readonly user: string;
  /** Up to 256 characters. */
  readonly name?: string | undefined;
  /** Path on the agent. */
  readonly permissionsFile?: string | undefined;
  /** Path on the agent; `%home%` is the user's home. */
  readonly storageRoot?: string | undefined;
  /** Virtual sessions only. */
  readonly gl?: 'on' | 'off' | undefined;
  readonly maxConcurrentClients?: number | undefined;
  /** Path on the agent of an executable script that starts the desktop; virtual sessions only. */
  readonly init?: string | undefined;
  /** Seen in the field with DCV 2025.0; its meaning is not documented. */
  readonly disableLoginMonitor?: boolean | undefined;
}

/** `dcv create-session …`. Values follow an `=`, so that none of them can be taken for an option. */
export function createSession(options: CreateSessionOptions): DcvCommand {
  const virtual = options.type === 'virtual';
  return dcvCommand([
    'dcv',
    'create-session',
    `--type=${options.type}`,
    `--owner=${options.owner}`,
    ...(virtual ? [`--user=${options.user}`] : []),
    ...option('name', options.name),
    ...option('permissions-file', options.permissionsFile),
    ...option('storage-root', options.storageRoot),
    ...option('gl', virtual ? options.gl : undefined),
    ...option('max-concurrent-clients', options.maxConcurrentClients),
    ...option('init', virtual ? options.init : undefined),
    ...(options.disableLoginMonitor === true ? ['--disable-login-monitor'] : []),
    ...operand(options.id),
  ]);
}

export function listSessions(): DcvCommand {
  return dcvCommand(['dcv', 'list-sessions', '--json']);
}

/** The same from a dcv that has no JSON. */
export function listSessionsAsText(): DcvCommand {
  return dcvCommand(['dcv', 'list-sessions']);
}

export function describeSession(id: string): DcvCommand {
  return dcvCommand(['dcv', 'describe-session', '--json', ...operand(id)]);
}

export function closeSession(id: string): DcvCommand {
  return dcvCommand(['dcv', 'close-session', ...operand(id)]);
}

export function listConnections(id: string): DcvCommand {
  return dcvCommand(['dcv', 'list-connections', '--json', ...operand(id)]);
}

/** The same from a dcv that has no JSON. */
export function listConnectionsAsText(id: string): DcvCommand {
  return dcvCommand(['dcv', 'list-connections', ...operand(id)]);
}

/** The same from a dcv that has no JSON. */
export function describeSessionAsText(id: string): DcvCommand {
  return dcvCommand(['dcv', 'describe-session', ...operand(id)]);
}

/** The first line is the version: "Amazon DCV 2023.0 (r14852)". */
export function dcvVersion(): DcvCommand {
  return dcvCommand(['dcv', 'version']);
}

/** Its help, which tells its arguments. */
export function closeConnectionHelp(): DcvCommand {
  return dcvCommand(['dcv', 'close-connection', '--help']);
}

/** @param name up to 256 characters; undefined takes the name away */
export function setName(id: string, name: string | undefined): DcvCommand {
  return dcvCommand(['dcv', 'set-name', `--session=${id}`, name === undefined ? '--none' : `--name=${name}`]);
}

/** @param wanted `--file` is shell text for a path on the agent: what a variable of the script holds */
export function setPermissions(id: string, wanted: 'none' | 'reset-builtin' | ShellText): DcvCommand {
  const chosen = typeof wanted === 'string' ? sh`--${wanted}` : sh`--file=${wanted}`;
  return new DcvCommand(sh`dcv set-permissions ${`--session=${id}`} ${chosen}`);
}

export function setDisplayLayout(id: string, heads: readonly DisplayHead[]): DcvCommand {
  return dcvCommand(['dcv', 'set-display-layout', `--session=${id}`, formatLayout(heads)]);
}

/** What a screenshot may be scaled down to, in pixels. */
export interface ScreenshotSize {
  readonly maxWidth?: number | undefined;
  readonly maxHeight?: number | undefined;
}

/** A PNG of a session. @param file shell text for a path on the agent */
export function getScreenshot(
  id: string,
  { maxWidth, maxHeight }: ScreenshotSize,
  file: ShellText,
): DcvCommand {
  const options = words([
    '--format=PNG',
    ...option('max-width', maxWidth),
    ...option('max-height', maxHeight),
  ]);
  return new DcvCommand(sh`dcv get-screenshot ${options} --output=${file} ${words(operand(id))}`);
}

function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

/** Ids that dcvops gives never begin with a dash; a session made by hand may have one. */
function operand(id: string): string[] {
  return id.startsWith('-') ? ['--', id] : [id];
}
