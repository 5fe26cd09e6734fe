import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { permissionsProblem } from '../../dcv/session/permissions-file.ts';
import type { PlacedFile } from '../../dcv/session/place-file.ts';
import { DcvopsError } from '../../errors.ts';

/** The two files that a session may be given. */
export type SessionFileKind = 'permissions-file' | 'init';

/** A file for a session, as it was typed: one of this machine, or a path on the agent. */
export type SessionFile =
  | { readonly from: 'here'; readonly typed: string; readonly content: Buffer }
  | { readonly from: 'agent'; readonly path: string };

/** Where dcvops keeps the files of sessions on an agent; DCV reads them whenever somebody connects, so they stay. */
const FOLDER = '/etc/dcvops/session-files';
/** In bytes. */
const LARGEST_INIT = 1024 * 1024;

/**
 * Reads what `--permissions-file` or `--init` names: a file of this machine, where there is one; else an absolute path is
 * one on the agent. `agent:PATH` is always on the agent.
 * @throws DcvopsError `usage` for what is neither, and for a file that cannot be what it has to be
 */
export async function readSessionFile(kind: SessionFileKind, typed: string): Promise<SessionFile> {
  const remote = /^agent:(?<path>.*)$/s.exec(typed)?.groups?.['path'];
  if (remote !== undefined) {
    if (path.posix.isAbsolute(remote)) return { from: 'agent', path: remote };
    throw new DcvopsError('usage', `--${kind}: a path on the agent is absolute: agent:/etc/dcv/own.perm`);
  }
  const content = await contentOf(kind, typed);
  if (content !== undefined) {
    const problem = kind === 'init' ? initProblem(content) : permissionsProblem(content);
    if (problem !== undefined) throw new DcvopsError('usage', `--${kind}: ${typed} will not do: ${problem}`);
    return { from: 'here', typed, content };
  }
  if (path.posix.isAbsolute(typed)) return { from: 'agent', path: typed };
  throw new DcvopsError('usage', `--${kind}: there is no file ${typed} here`, {
    hint: 'a path on the agent is absolute: agent:/etc/dcv/own.perm',
  });
}

/** undefined: there is no such file. */
async function contentOf(kind: SessionFileKind, file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DcvopsError('usage', `--${kind}: ${file} cannot be read (${code ?? String(error)})`, {
      cause: error,
    });
  }
}

/** The kernel runs a script by its first line; without one the session would end at once. */
function initProblem(content: Buffer): string | undefined {
  if (content.length > LARGEST_INIT) return `it is larger than ${LARGEST_INIT / 1024} KiB`;
  if (content.subarray(0, 2).toString('latin1') === '#!') return undefined;
  return 'it has to begin with #! and a program, such as #!/bin/sh';
}

/** A session's file on its agent: where it is, what has to be put there first, and its source for the outcome. Pure. */
export interface SessionFilePlace {
  readonly path: string;
  readonly placed: PlacedFile | undefined;
  readonly source: string;
}

/** Where a file is on the agent of the session with this id. Pure. */
export function placeOf(kind: SessionFileKind, file: SessionFile, id: string): SessionFilePlace {
  if (file.from === 'agent') {
    return { path: file.path, placed: undefined, source: `${file.path} of the agent` };
  }
  const placed = ownFile(kind, file.content, id);
  return { path: placed.path, placed, source: `${file.typed} as ${placed.path}` };
}

/** The file that a session has on its agent for itself. Pure. */
export function ownFile(kind: SessionFileKind, content: Buffer, id: string): PlacedFile {
  // DCV takes any id, also one with a slash
  const path = `${FOLDER}/${encodeURIComponent(id)}.${kind === 'init' ? 'init' : 'perm'}`;
  // a session runs its script as its user, and dcvserver reads permissions as the user dcv
  return { path, mode: kind === 'init' ? '755' : '644', content };
}
