import pLimit from 'p-limit';
import { DcvopsError } from '../../errors.ts';
import {
  type FoundUsers,
  changeUsersScript,
  parseFoundUsers,
  readUsersScript,
} from '../../gateway/users-script.ts';
import type { Inventory, ProxyHost } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { oneLine } from '../../report/sanitise.ts';
import { type ScriptRecord, parseRecords } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import type { GatewayContext } from '../gateway/context.ts';
import { outcomeOf } from '../outcome.ts';
import { lostMidway, talkToEnd } from '../talk-to-end.ts';
import { type UserChange, type UsersPlan, planUsers } from './plan-users.ts';

export interface UsersContext extends Pick<
  GatewayContext,
  'inventory' | 'connect' | 'emit' | 'signal' | 'who'
> {
  /** How many proxies are worked on at once. */
  readonly concurrency: number;
}

/** How often a change starts again because somebody else changed the users meanwhile. */
const ATTEMPTS = 3;

/**
 * Changes the users of proxies, side by side. Emits an outcome for every proxy; one that fails never stops the others.
 * @returns names of the proxies on which the change is in place
 * @throws DcvopsError `failed` when a user that shall be removed is on none of them
 */
export async function changeUsers(
  context: UsersContext,
  proxies: readonly ProxyHost[],
  change: UserChange,
  { lockWaitSeconds }: { readonly lockWaitSeconds: number },
): Promise<string[]> {
  const { emit, signal, inventory } = context;
  if (!inventory.gateway.access.basic) emit(notAsked(inventory));
  const atOnce = pLimit(context.concurrency);
  const results = await Promise.all(
    proxies.map((proxy) =>
      atOnce(async () => {
        try {
          signal.throwIfAborted();
          const remote = await context.connect(proxy);
          const result = await changeOnProxy(context, proxy, remote, change, lockWaitSeconds);
          emit(result.outcome);
          return { proxy: proxy.name, ...result };
        } catch (error) {
          if (signal.aborted) throw new DcvopsError('interrupted', 'interrupted', { cause: error });
          emit(outcomeOf(error, proxy.name));
          return undefined;
        }
      }),
    ),
  );
  const done = results.filter((result) => result !== undefined);
  if (change.kind === 'remove' && done.length === proxies.length) {
    const nowhere = change.names.filter((name) => done.every(({ plan }) => plan.missing.includes(name)));
    if (nowhere.length > 0) throw noSuchUsers(nowhere);
  }
  return done.map(({ proxy }) => proxy);
}

function notAsked({ file }: Inventory): Parameters<GatewayContext['emit']>[0] {
  return {
    type: 'note',
    level: 'warning',
    message: `gateway.access.basic is off in ${file}: nobody is asked for a login`,
    hint: 'set it to true, then: dcvops deploy',
  };
}

function noSuchUsers(names: readonly string[]): DcvopsError {
  return new DcvopsError('failed', `there is no user ${names.join(', ')} on any of the proxies`, {
    hint: 'dcvops access user list',
  });
}

interface Changed {
  readonly plan: UsersPlan;
  readonly outcome: OutcomeEvent;
}

async function changeOnProxy(
  context: UsersContext,
  { name }: ProxyHost,
  remote: Remote,
  change: UserChange,
  lockWaitSeconds: number,
): Promise<Changed> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await readUsers(remote, true);
    const plan = planUsers(found.text, change);
    if (plan.refusal !== undefined) {
      throw new DcvopsError('failed', plan.refusal.message, { host: name, hint: plan.refusal.hint });
    }
    if (plan.text === found.text) {
      return { plan, outcome: { type: 'outcome', host: name, outcome: 'unchanged', message: plan.what } };
    }
    const told = await carryOut(context, remote, found, plan, lockWaitSeconds);
    const has = (record: string): boolean => told.some((one) => one.name === record);
    if (has('done')) return { plan, outcome: doneOutcome(name, found, plan, told) };
    if (!has('changed') || attempt === ATTEMPTS) throw failureOf(name, told);
  }
}

/** @throws DcvopsError `failed` where nginx is missing, or what the host said is not understood */
export async function readUsers(remote: Remote, hashes: boolean): Promise<FoundUsers> {
  const { stdout, stderr } = await remote.run(readUsersScript(hashes));
  const records = parseRecords(stdout);
  const found = parseFoundUsers(records);
  if (found === undefined) throw failureOf(remote.name, records, stderr);
  return found;
}

async function carryOut(
  { who }: UsersContext,
  remote: Remote,
  { digest }: FoundUsers,
  { text, endsLogins, what }: UsersPlan,
  lockWaitSeconds: number,
): Promise<readonly ScriptRecord[]> {
  const content = Buffer.from(text);
  const script = changeUsersScript({ who, lockWaitSeconds, digest, endsLogins, what, size: content.length });
  try {
    const { records } = await talkToEnd(await remote.converse(script), content);
    return records;
  } catch (error) {
    throw lostMidway(error, {
      host: remote.name,
      goesOn: 'what the host had begun, it finishes by itself',
      hint: 'dcvops access user list',
    });
  }
}

function doneOutcome(
  host: string,
  { asked }: FoundUsers,
  { what, endsLogins, missing }: UsersPlan,
  told: readonly ScriptRecord[],
): OutcomeEvent {
  const problem = told.find(({ name }) => name === 'not-reloaded')?.value;
  if (problem !== undefined) {
    return {
      type: 'outcome',
      host,
      outcome: 'failed',
      message: `${what}, but nginx was not reloaded, so that logins of before stay good: ${oneLine(problem)}`,
      hint: 'mend what nginx says, then on the host: nginx -t && nginx -s reload',
    };
  }
  const lacks = missing.length === 0 ? '' : ` (there is no user ${missing.join(', ')})`;
  const ended = endsLogins && asked ? '; everybody logs in anew, open desktops stay' : '';
  return { type: 'outcome', host, outcome: 'done', message: `${what}${lacks}${ended}` };
}

function failureOf(host: string, told: readonly ScriptRecord[], stderr = ''): DcvopsError {
  const value = (name: string): string | undefined => told.find((record) => record.name === name)?.value;
  const holder = value('locked');
  if (holder !== undefined) {
    const who = holder === '' ? '' : ` (${oneLine(holder)})`;
    return new DcvopsError('failed', `another command is at work here${who}. Nothing changed.`, { host });
  }
  if (value('changed') !== undefined) {
    return new DcvopsError(
      'failed',
      'the users were changed by somebody else, again and again. Nothing changed.',
      {
        host,
      },
    );
  }
  const problem =
    value('failed') ?? `the script on the host ended early${stderr === '' ? '' : `: ${stderr}`}`;
  return new DcvopsError('failed', `${oneLine(problem)}. Nothing changed.`, {
    host,
    ...(problem.startsWith('nginx is not installed') ? { hint: 'dcvops deploy --prepare-host' } : {}),
  });
}
