import type { ScriptRecord } from '../shell/records.ts';
import { SAY } from '../shell/records.ts';
import type { Script } from '../shell/script.ts';
import { type ShellText, lines, program, sh } from '../shell/shell.ts';
import {
  dcvVersion,
  listConnections,
  listConnectionsAsText,
  listSessions,
  listSessionsAsText,
} from './commands.ts';
import { readConfString } from './conf/dcv-conf.ts';
import { askDcv, runDcv } from './run-dcv.ts';
import { parseConnections, parseSessions } from './session/parse.ts';
import type { DcvConnection, DcvSession } from './types.ts';

/** An agent, as far as its sessions are concerned. */
export interface AgentFacts {
  /** The first line of `dcv version`; undefined: DCV is not installed. */
  readonly version: string | undefined;
  readonly service: ServiceState;
  /** undefined: dcv did not answer, and `silence` says why. */
  readonly sessions: readonly DcvSession[] | undefined;
  readonly silence: string | undefined;
  /** Viewers of the session that was asked for; undefined where they cannot be told. */
  readonly connections: readonly DcvConnection[] | undefined;
  readonly accounts: readonly Account[];
  /** How viewers log in: `system` (the account's password) unless dcv.conf says `none` or names a token verifier. */
  readonly login: 'system' | 'none' | 'token';
}

export type ServiceState = 'active' | 'starting' | 'stopped' | 'absent';

export interface Account {
  readonly name: string;
  readonly exists: boolean;
  /** `unknown` for accounts of a directory service. */
  readonly password: 'set' | 'none' | 'unknown';
}

/** Reads everything that creating this session depends on, in one round trip. */
export function readAgentFacts(wanted: { id: string; user: string; owner: string }): Script {
  return {
    name: 'read the agent',
    text: lines(SAY, LIST, sh`id=${wanted.id}`, viewersOf(wanted.id), FACTS, ACCOUNTS),
    args: [wanted.user, wanted.owner],
    root: true,
  };
}

/** Reads an agent's sessions only. */
export function readSessions(): Script {
  return { name: 'list sessions', text: lines(SAY, LIST, SESSIONS), root: true };
}

/**
 * `list`: the sessions as JSON, without warnings; as text from a dcv that has no JSON; or what dcv says instead. One that
 * hangs costs 20 s and is not asked again. `dcv_version`: the first line of `dcv version`.
 */
export const LIST = lines(
  program`PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH`,
  sh`list() {`,
  sh`  if listed=$(${runDcv(listSessions())} 2>/dev/null); then printf ${'%s\n'} "$listed"`,
  sh`  elif [ $? -ne 124 ]; then ${runDcv(listSessionsAsText())} 2>&1`,
  program`  else echo 'dcv list-sessions did not answer in 20 s'; return 124
  fi
}`,
  sh`dcv_version() { ${runDcv(dcvVersion())} 2>/dev/null | head -n 1; }`,
);

/** `viewers`: who is connected to this session; as text from a dcv that has no JSON. */
export function viewersOf(id: string): ShellText {
  return sh`viewers() { ${askDcv(listConnections(id), listConnectionsAsText(id))} 2>/dev/null; }`;
}

/** Tells the sessions, or why not. A dcv that answers has a service that runs; systemd is asked only about one that doesn’t. */
export const SESSIONS = program`
if command -v dcv >/dev/null 2>&1; then
  say version ''
  if sessions=$(list); then say sessions "$sessions"
  else
    say silence "$sessions"
    say unit "$(systemctl show dcvserver.service --property=LoadState,ActiveState 2>/dev/null)"
  fi
fi`;

const FACTS = program`
if command -v dcv >/dev/null 2>&1; then
  say version "$(dcv_version)"
  if sessions=$(list); then
    say sessions "$sessions"
    case $sessions in
    *"$id"*) if connections=$(viewers); then say connections "$connections"; fi ;;
    esac
  else
    say silence "$sessions"
  fi
fi
say unit "$(systemctl show dcvserver.service --property=LoadState,ActiveState 2>/dev/null)"
`;

/** Tells of each user that the script's arguments name, and how viewers log in. For other scripts. */
export const ACCOUNTS = program`
say conf "$(cat /etc/dcv/dcv.conf 2>/dev/null)"
for name in "$@"; do
  if getent passwd "$name" >/dev/null 2>&1; then
    say account "$name"
    say password "$(passwd -S "$name" 2>/dev/null | cut -d ' ' -f 2)"
  fi
done`;

/** Tells DCV's version where there is a dcv; runs after {@link LIST}. For other scripts. */
export const VERSION = program`
if command -v dcv >/dev/null 2>&1; then say dcv-version "$(dcv_version)"; fi`;

/** What {@link readSessions} told. Pure. @throws DcvopsError `failed` for a list that cannot be understood */
export function parseAgentSessions(
  records: readonly ScriptRecord[],
): Pick<AgentFacts, 'service' | 'sessions' | 'silence'> & { readonly installed: boolean } {
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const listed = value('sessions');
  return {
    installed: value('version') !== undefined,
    service: parseUnit(value('unit') ?? ''),
    sessions: listed === undefined ? undefined : parseSessions(listed),
    silence: value('silence'),
  };
}

/**
 * Reads what {@link readAgentFacts} told. Pure.
 * @throws DcvopsError `failed` for a list of sessions that cannot be understood
 */
export function parseAgentFacts(
  records: readonly ScriptRecord[],
  wanted: { user: string; owner: string },
): AgentFacts {
  return parseFactsOf(records, [wanted.user, wanted.owner]);
}

/** The same for several users. */
export function parseFactsOf(records: readonly ScriptRecord[], users: readonly string[]): AgentFacts {
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const { service, sessions, silence } = parseAgentSessions(records);
  const connections = value('connections');
  return {
    service,
    sessions,
    silence,
    version: value('dcv-version') ?? value('version'),
    connections: connections === undefined ? undefined : parseConnections(connections),
    accounts: [...new Set(users)].map((name) => parseAccount(records, name)),
    login: parseLogin(value('conf') ?? ''),
  };
}

/** What `systemctl show --property=LoadState,ActiveState` told of a unit. Pure. */
export function parseUnit(text: string): ServiceState {
  if (!/^LoadState=loaded$/m.test(text)) return 'absent';
  if (/^ActiveState=(?:active|reloading)$/m.test(text)) return 'active';
  return /^ActiveState=activating$/m.test(text) ? 'starting' : 'stopped';
}

/** \`passwd -S\`: P and PS are a password, L, LK and NP are none that one can log in with. */
function parseAccount(records: readonly ScriptRecord[], name: string): Account {
  const at = records.findIndex((record) => record.name === 'account' && record.value === name);
  const status = at === -1 ? '' : (records[at + 1]?.value ?? '');
  const password = /^(?:P|PS)$/.test(status) ? 'set' : /^(?:L|LK|NP)$/.test(status) ? 'none' : 'unknown';
  return { name, exists: at !== -1, password };
}

function parseLogin(conf: string): AgentFacts['login'] {
  if (readConfString(conf, 'security', 'authentication') === 'none') return 'none';
  return (readConfString(conf, 'security', 'auth-token-verifier') ?? '') === '' ? 'system' : 'token';
}
