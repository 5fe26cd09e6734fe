import pLimit from 'p-limit';
import { judgeHash, parseUsers } from '../../gateway/users.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import { outcomeOf } from '../outcome.ts';
import { type UsersContext, readUsers } from './change-users.ts';

/** The users of one proxy. */
export interface ProxyUsers {
  readonly proxy: string;
  /** In the file's order; undefined where the proxy could not be read, which its outcome says. */
  readonly users: readonly ListedUser[] | undefined;
  /** Does its live gateway ask for a login? undefined where it could not be read. */
  readonly asked: boolean | undefined;
}

export interface ListedUser {
  readonly name: string;
  /** How the password is kept: "SHA-512". */
  readonly hash: string;
  readonly problem: 'weak' | 'slow' | undefined;
}

/** Reads the users of proxies, side by side, in the order of the proxies. Hashes stay where they are. */
export async function listUsers(
  { connect, emit, concurrency }: Pick<UsersContext, 'connect' | 'emit' | 'concurrency'>,
  proxies: readonly ProxyHost[],
): Promise<ProxyUsers[]> {
  const atOnce = pLimit(concurrency);
  return Promise.all(
    proxies.map((proxy) =>
      atOnce(async () => {
        try {
          const { text, asked } = await readUsers(await connect(proxy), false);
          const users = parseUsers(text).map(({ name, hash }) => {
            const { kind, problem } = judgeHash(hash);
            return { name, hash: kind, problem };
          });
          return { proxy: proxy.name, users, asked };
        } catch (error) {
          emit(outcomeOf(error, proxy.name));
          return { proxy: proxy.name, users: undefined, asked: undefined };
        }
      }),
    ),
  );
}

/** One user in the table of users and proxies. */
export interface UserRow {
  readonly name: string;
  /** For each proxy, in their order: "SHA-512", "bcrypt (slow)", "-" where it lacks the user, "?" where it was not read. */
  readonly cells: readonly string[];
}

/** Who is where, by name. Pure. */
export function userRows(lists: readonly ProxyUsers[]): UserRow[] {
  const names = new Set(lists.flatMap(({ users = [] }) => users.map(({ name }) => name)));
  return [...names].sort().map((name) => ({ name, cells: lists.map((list) => cellOf(list, name)) }));
}

function cellOf({ users }: ProxyUsers, name: string): string {
  if (users === undefined) return '?';
  const user = users.find((one) => one.name === name);
  if (user === undefined) return '-';
  return user.problem === undefined ? user.hash : `${user.hash} (${user.problem})`;
}

/** What to do about users, each with the command. Pure. */
export function userAdvice(
  lists: readonly ProxyUsers[],
): { readonly message: string; readonly hint: string }[] {
  const read = lists.filter(({ users }) => users !== undefined);
  const [fullest] = read.toSorted((a, b) => (b.users?.length ?? 0) - (a.users?.length ?? 0));
  const all = userRows(read);
  const lacking = read.filter(({ users = [] }) => users.length < all.length).map(({ proxy }) => proxy);
  const bad = [
    ...new Set(read.flatMap(({ users = [] }) => users.filter(({ problem }) => problem !== undefined))),
  ];
  const names = [...new Set(bad.map(({ name }) => name))];
  return [
    ...(fullest === undefined || lacking.length === 0
      ? []
      : [
          {
            message: `not every user is on ${lacking.join(', ')}`,
            hint: `dcvops access user copy --from ${fullest.proxy} ${lacking.filter((one) => one !== fullest.proxy).join(' ')}`,
          },
        ]),
    ...(names.length === 0
      ? []
      : [
          {
            message: `weak or slow hashes: ${names.join(', ')} (a weak one gives the password away to who reads the file; at a slow one all desktops of a worker stand still)`,
            hint: names.map((name) => `dcvops access user passwd ${name}`).join('\n'),
          },
        ]),
  ];
}
