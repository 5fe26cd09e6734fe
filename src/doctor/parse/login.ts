import { USERS_FILE } from '../../gateway/login-state.ts';
import { parseUsers } from '../../gateway/users.ts';
import type { ProxyFacts } from '../facts/proxy.ts';
import { linesOf } from './lines.ts';
import type { Probes } from './probes.ts';

/** Reads what `LOGIN` told of the users of the gateway's login. Pure; undefined where nothing was told of it. */
export function parseLogin({ text }: Probes): ProxyFacts['login'] {
  const told = text('gateway-login-files');
  if (told === undefined) return undefined;
  const files = linesOf(told).flatMap(parseFile);
  const worker = parseWorker(text('nginx-worker'));
  const users = files.find(({ path }) => path === USERS_FILE);
  return {
    users: parseUsers(text('gateway-users') ?? ''),
    files: files.map(({ path, mode }) => ({ path, mode })),
    ...(worker === undefined ? {} : { workerGroup: worker.groupName }),
    ...(worker === undefined || users === undefined ? {} : { readable: mayRead(worker, users) }),
  };
}

interface OwnedFile {
  readonly path: string;
  /** "640 root:www-data" */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly bits: number;
}

function parseFile(line: string): OwnedFile[] {
  const [, uid, gid, bits = '', mode = '', path = ''] =
    /^(\d+) (\d+) ([0-7]+)\|([^|]*)\|(\/.*)$/.exec(line) ?? [];
  if (path === '') return [];
  return [{ path, mode, uid: Number(uid), gid: Number(gid), bits: Number.parseInt(bits, 8) }];
}

interface Worker {
  readonly uid: number;
  readonly groups: readonly number[];
  readonly groupName: string;
}

/** Four lines, as /proc and ps have them: real, effective and other user ids; the same of groups; all groups; a name. */
function parseWorker(text: string | undefined): Worker | undefined {
  const [uids = '', gids = '', groups = '', groupName = ''] = (text ?? '')
    .split('\n')
    .map((line) => line.trim());
  const numbers = (line: string): number[] => (line.match(/\d+/g) ?? []).map(Number);
  const [, uid] = numbers(uids);
  const [, gid] = numbers(gids);
  if (uid === undefined || gid === undefined) return undefined;
  return { uid, groups: [gid, ...numbers(groups)], groupName };
}

function mayRead({ uid, groups }: Worker, file: OwnedFile): boolean {
  if (uid === 0) return true;
  if (uid === file.uid) return (file.bits & 0o400) !== 0;
  return (file.bits & (groups.includes(file.gid) ? 0o040 : 0o004)) !== 0;
}
