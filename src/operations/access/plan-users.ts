import { type GatewayUser, parseUsers, withUser, withoutUsers } from '../../gateway/users.ts';

/** What shall become of a proxy's users. */
export type UserChange =
  /** The user must not be there yet. */
  | { readonly kind: 'add'; readonly user: GatewayUser }
  /** The user must be there. */
  | { readonly kind: 'passwd'; readonly user: GatewayUser }
  | { readonly kind: 'remove'; readonly names: readonly string[] }
  /** The users of another proxy, with their passwords; those who are here beside them stay. */
  | { readonly kind: 'copy'; readonly users: readonly GatewayUser[]; readonly from: string };

export interface UsersPlan {
  /** The file as it shall be; as it was where there is nothing to do. */
  readonly text: string;
  /** Who was logged in must not stay so. */
  readonly endsLogins: boolean;
  /** For people and the audit log: "added user anna". */
  readonly what: string;
  /** Users that shall be removed and are not here. */
  readonly missing: readonly string[];
  /** Why it can't be done here. */
  readonly refusal: { readonly message: string; readonly hint: string } | undefined;
}

/** Decides how a proxy's file of users changes. Pure. */
export function planUsers(text: string, change: UserChange): UsersPlan {
  const users = parseUsers(text);
  const isHere = (name: string): boolean => users.some((user) => user.name === name);
  switch (change.kind) {
    case 'add':
    case 'passwd':
      return planOne(text, change, isHere(change.user.name));
    case 'remove':
      return planRemoval(text, change.names, isHere);
    case 'copy':
      return planCopy(text, users, change);
  }
}

const NOTHING = { endsLogins: false, missing: [], refusal: undefined } as const;

function planOne(
  text: string,
  { kind, user }: Extract<UserChange, { kind: 'add' | 'passwd' }>,
  isHere: boolean,
): UsersPlan {
  const { name } = user;
  const changed = { ...NOTHING, text: withUser(text, user) };
  if (kind === 'add') {
    if (!isHere) return { ...changed, what: `added user ${name}` };
    const message = `user ${name} exists already. Nothing changed.`;
    return {
      ...NOTHING,
      text,
      what: message,
      refusal: { message, hint: `dcvops access user passwd ${name}` },
    };
  }
  if (isHere) return { ...changed, endsLogins: true, what: `changed the password of ${name}` };
  const message = `there is no user ${name} here. Nothing changed.`;
  return { ...NOTHING, text, what: message, refusal: { message, hint: `dcvops access user add ${name}` } };
}

function planRemoval(text: string, names: readonly string[], isHere: (name: string) => boolean): UsersPlan {
  const here = names.filter(isHere);
  const missing = names.filter((name) => !isHere(name));
  if (here.length === 0) return { ...NOTHING, text, what: `there is no user ${missing.join(', ')}`, missing };
  return {
    text: withoutUsers(text, here),
    endsLogins: true,
    what: `removed user ${here.join(', ')}`,
    missing,
    refusal: undefined,
  };
}

function planCopy(
  text: string,
  users: readonly GatewayUser[],
  change: Extract<UserChange, { kind: 'copy' }>,
): UsersPlan {
  const differing = change.users.filter(
    ({ name, hash }) => !users.some((user) => user.name === name && user.hash === hash),
  );
  if (differing.length === 0) {
    return { ...NOTHING, text, what: `has the users of ${change.from} already` };
  }
  const changed = differing.filter(({ name }) => users.some((user) => user.name === name));
  return {
    ...NOTHING,
    text: differing.reduce(withUser, text),
    endsLogins: changed.length > 0,
    what: `copied user ${differing.map(({ name }) => name).join(', ')} from ${change.from}`,
  };
}
