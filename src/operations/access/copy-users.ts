import { DcvopsError } from '../../errors.ts';
import { parseUsers } from '../../gateway/users.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import { type UsersContext, changeUsers, readUsers } from './change-users.ts';

/**
 * Gives proxies the users of another one, with their passwords' hashes, over this machine. Emits an outcome for every proxy.
 * @throws DcvopsError `failed` where there are none to give, and those of the connection to `from`
 */
export async function copyUsers(
  context: UsersContext,
  from: ProxyHost,
  proxies: readonly ProxyHost[],
  options: { readonly lockWaitSeconds: number },
): Promise<void> {
  if (proxies.length === 0) {
    throw new DcvopsError('usage', `there is no other proxy than ${from.name} to copy to`);
  }
  const { text } = await readUsers(await context.connect(from), true);
  const users = parseUsers(text);
  if (users.length === 0) {
    throw new DcvopsError('failed', 'there are no users to copy. Nothing changed.', {
      host: from.name,
      hint: 'dcvops access user list',
    });
  }
  await changeUsers(context, proxies, { kind: 'copy', users, from: from.name }, options);
}
