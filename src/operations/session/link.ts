import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { connectionFile } from '../../dcv/session/connection-file.ts';
import { signInUrl } from '../../dcv/session/url.ts';
import type { Emit } from '../../report/events.ts';
import type { Secret } from '../../shell/secret.ts';
import { outcomeOf } from '../outcome.ts';
import { fileExists } from '../write-new-file.ts';
import { cannotWrite, fileIsThere, writePrivateFile } from '../write-private-file.ts';
import { type SignIn, isoTime, tokenLifetime } from './sign-in.ts';
import type { SessionResult } from './targets.ts';
import type { SessionAddress } from './url.ts';

/** A session's address, and what came of it: a login, a file, or neither. */
export interface SessionLink extends SessionAddress {
  /** Whom it signs in, and by what. */
  readonly user?: string | undefined;
  readonly token?: Secret | undefined;
  /** When the token ends; undefined where there is one: it works until it is taken back, perhaps more than once. */
  readonly expires?: Date | undefined;
  /** The connection file that was written for it. */
  readonly file?: string | undefined;
  /** Why there is no token, or no file. */
  readonly problem?: string | undefined;
}

/** The addresses with the tokens that were made for them, in the same order. Pure. */
export function withTokens(
  links: readonly SessionLink[],
  made: readonly (SessionResult & Partial<SignIn>)[],
): SessionLink[] {
  return links.map((link, index) => {
    const { user, token, expires, message } = made[index] ?? {};
    return { ...link, user, token, expires, problem: token === undefined ? message : undefined };
  });
}

/** What is opened: the address, with the token where there is one. Here the token becomes readable. Pure. */
export function openedUrl({ url, token }: SessionLink): string {
  return token === undefined ? url : signInUrl(url, token.reveal());
}

/** A link as `--json` has it. A token is there in clear text, unless it went into a file. Pure. */
export function linkAsJson(link: SessionLink): Record<string, unknown> {
  const { token, expires, ...told } = link;
  if (token === undefined) return told;
  const lifetime = {
    worksOnce: expires !== undefined,
    expires: expires === undefined ? null : isoTime(expires),
    tokenLifetime: tokenLifetime(expires),
  };
  return link.file === undefined
    ? { ...told, url: openedUrl(link), token: token.reveal(), ...lifetime }
    : { ...told, ...lifetime };
}

/** A file's place; `-` is stdout. */
export type FileOf = (link: SessionLink) => string;

/**
 * Before anything is asked of a host: where no file can be kept, no token is made for it.
 * @throws DcvopsError `failed` for the first file that is there and may not be replaced, or that cannot be written
 */
export async function checkFiles(
  links: readonly SessionLink[],
  { fileOf, overwrite }: Pick<SaveOptions, 'fileOf' | 'overwrite'>,
): Promise<void> {
  for (const link of links) {
    connectionFile(link);
    const file = fileOf(link);
    if (file === '-') continue;
    if (!overwrite && (await fileExists(file))) throw fileIsThere(file);
    await access(path.dirname(file), constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw cannotWrite(file, error);
    });
  }
}

/** How connection files are saved. */
export interface SaveOptions {
  readonly fileOf: FileOf;
  /** `--force`: replace a file that is there. */
  readonly overwrite: boolean;
  readonly print: (text: string) => void;
  readonly emit: Emit;
}

/**
 * Writes a connection file for each link, readable by its owner only; links with a problem have none. Each file gets an
 * outcome, and one that cannot be written never stops the others.
 */
export async function saveConnectionFiles(
  links: readonly SessionLink[],
  options: SaveOptions,
): Promise<SessionLink[]> {
  const saved: SessionLink[] = [];
  for (const link of links) saved.push(link.problem === undefined ? await save(link, options) : link);
  return saved;
}

async function save(
  link: SessionLink,
  { fileOf, overwrite, print, emit }: SaveOptions,
): Promise<SessionLink> {
  const file = fileOf(link);
  try {
    const text = connectionFile(link);
    if (file === '-') {
      print(text);
      return link;
    }
    await writePrivateFile(file, text, { overwrite });
    const login = link.user === undefined ? '' : `; the file signs in as ${link.user}`;
    emit({ type: 'outcome', host: link.agent, outcome: 'done', message: `${link.id}: ${file}${login}` });
    return { ...link, file };
  } catch (error) {
    const outcome = outcomeOf(error, link.agent);
    emit(outcome);
    return { ...link, token: undefined, problem: outcome.message };
  }
}
