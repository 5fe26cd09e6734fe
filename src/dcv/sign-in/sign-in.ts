import { isIP } from 'node:net';
import { SAY, type ScriptRecord } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh, words } from '../../shell/shell.ts';
import { LIST, SESSIONS, type ServiceState, parseUnit } from '../agent-facts.ts';
import { readConfString } from '../conf/dcv-conf.ts';
import { SERVER, startedWith } from '../conf/file.ts';
import { isLoginFree } from '../conf/login-free.ts';
import { dcvCommand, runDcv } from '../run-dcv.ts';

/*
 * A link that signs somebody in needs DCV's simple external authenticator (the package
 * nice-dcv-simple-external-authenticator): dcvserver asks it about each token (`auth-token-verifier`), and
 * `dcvsimpleextauth` adds tokens to those that it knows.
 */

/** Where the authenticator keeps what it knows; in memory, as all of /run. */
export const AUTH_DIR = '/var/run/dcvsimpleextauth/';
const PORT = 8444;
const URL_OF_AUTHENTICATOR = `http://127.0.0.1:${PORT}`;

/** What a link depends on, besides the session. */
export interface SignInFacts {
  /** Does DCV let in whoever reaches it? */
  readonly loginFree: boolean;
  /** `auth-token-verifier` of dcv.conf. */
  readonly verifier: string | undefined;
  /** The port that the authenticator's own configuration names. */
  readonly port: number | undefined;
  /** Is there a `dcvsimpleextauth`? */
  readonly program: boolean;
  readonly service: ServiceState;
  /** Is the folder of its tokens there? */
  readonly folder: boolean;
  /** Does the host know the user that was asked for? */
  readonly account: boolean;
  /** How tokens are taken back; undefined: this dcvsimpleextauth takes none back. */
  readonly takesBack: TakesBack | undefined;
  /** Does dcv.conf name a verifier that dcvserver was started without? */
  readonly notRead: boolean;
  /** Is there a systemd-run that leaves nothing behind (`--collect`, systemd 236)? */
  readonly runner: boolean;
}

/** How `dcvsimpleextauth remove-auth` is called. */
export interface TakesBack {
  /** Does its help name `--auth-dir`? */
  readonly authDir: boolean;
}

/**
 * Reads the sessions and everything else that a link depends on.
 * @param user who is to be signed in; undefined: the session's owner
 */
export function readForSignIn(user: string | undefined): Script {
  return {
    name: 'read how people sign in',
    text: lines(SAY, LIST, SESSIONS, HELP, FACTS, SERVER),
    args: user === undefined ? [] : [user],
    root: true,
  };
}

const HELP = lines(
  sh`help() { ${runDcv(dcvCommand(['dcvsimpleextauth', '--help']))} 2>&1 </dev/null; }`,
  sh`remove_help() { ${runDcv(dcvCommand(['dcvsimpleextauth', 'remove-auth', '--help']))} 2>&1 </dev/null; }`,
);

/** The format of simpleextauth.conf is not documented: a line that gives a port is understood. */
const FACTS = program`
say conf "$(sed -n -e '/^[[:space:]]*\[/p' -e '/^[[:space:]]*auth[a-z-]*[[:space:]]*=/p' /etc/dcv/dcv.conf 2>/dev/null)"
say port "$(sed -n 's/^[[:space:]]*port[[:space:]]*[=:][[:space:]]*"\{0,1\}\([0-9]\{1,5\}\).*/\1/p' /etc/dcv/simpleextauth.conf 2>/dev/null | tail -n 1)"
if command -v dcvsimpleextauth >/dev/null 2>&1; then
  say program ''
  say help "$(help)"
  if said=$(remove_help); then say remove-help "$said"; fi
fi
case $(systemd-run --help 2>/dev/null) in *--collect*) say runner '' ;; esac
say authenticator "$(systemctl show dcvsimpleextauth.service --property=LoadState,ActiveState 2>/dev/null)"
if [ -d /var/run/dcvsimpleextauth ]; then say folder ''; fi
# a number would be somebody's uid
if [ $# -gt 0 ]; then case $(getent passwd "$1" 2>/dev/null) in "$1":*) say account '' ;; esac; fi
conf=/etc/dcv/dcv.conf`;

/** What {@link readForSignIn} told. Pure. */
export function parseSignInFacts(records: readonly ScriptRecord[]): SignInFacts {
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const conf = value('conf') ?? '';
  const verifier = readConfString(conf, 'security', 'auth-token-verifier') ?? '';
  const port = value('port') ?? '';
  return {
    loginFree: isLoginFree(conf),
    verifier: verifier === '' ? undefined : verifier,
    port: port === '' ? undefined : Number(port),
    program: value('program') !== undefined,
    service: parseUnit(value('authenticator') ?? ''),
    folder: value('folder') !== undefined,
    account: value('account') !== undefined,
    notRead: isNotRead(startedWith(records), verifier),
    takesBack: readTakesBack(value('help') ?? '', value('remove-help')),
    runner: value('runner') !== undefined,
  };
}

/** A refusal may name the word that it does not know; a help that was given names what is known. */
function readTakesBack(help: string, removeHelp: string | undefined): TakesBack | undefined {
  const known = /\bremove-auth\b/.test(help) || /--session\b/.test(removeHelp ?? '');
  return known ? { authDir: /--auth-dir\b/.test(removeHelp ?? '') } : undefined;
}

/** Was dcvserver started without this verifier? Nobody knows where the dcv.conf before was not kept. */
function isNotRead(before: string | undefined, verifier: string): boolean {
  return (
    before !== undefined && (readConfString(before, 'security', 'auth-token-verifier') ?? '') !== verifier
  );
}

/** What is in the way of a link, and what to do about it. */
export interface SignInProblem {
  readonly message: string;
  readonly hint: string;
}

/**
 * What is in the way of a link; undefined: nothing. Pure.
 */
export function signInProblem(facts: SignInFacts, wanted: WantedSignIn): SignInProblem | undefined {
  return loginProblem(facts, wanted) ?? (wanted.reusable ? undefined : onceProblem(facts, wanted));
}

/** Who is to be signed in to what. */
export interface WantedSignIn {
  /** The agent's name. */
  readonly agent: string;
  readonly id: string;
  /** Who was asked for by name. */
  readonly user: string | undefined;
  /** A link without an end, that works more than once? */
  readonly reusable: boolean;
}

/** What is in the way of any token. */
function loginProblem(facts: SignInFacts, { agent, id, user }: WantedSignIn): SignInProblem | undefined {
  if (facts.loginFree) {
    return {
      message: 'DCV asks nobody for a login there (authentication="none"): the plain link opens the session',
      hint: `dcvops session url ${words([`${agent}/${id}`]).toString()}`,
    };
  }
  if (!facts.program || facts.service === 'absent') {
    return {
      message: 'DCV’s simple external authenticator is not installed there, so DCV has no tokens to take',
      hint: `install nice-dcv-simple-external-authenticator on ${agent}\n${startService(agent)}`,
    };
  }
  if (facts.verifier === undefined) {
    return {
      message:
        'DCV takes no tokens: dcv.conf sets no auth-token-verifier (with one, passwords are no login any more)',
      hint: setVerifier(agent),
    };
  }
  if (!isAuthenticator(facts.verifier, facts.port ?? PORT)) {
    return {
      message: `DCV asks another program about tokens than its simple external authenticator: ${withoutQuery(facts.verifier)}`,
      hint: `links come from whatever runs there; to have them from dcvops:\n${setVerifier(agent)}`,
    };
  }
  if (facts.notRead) {
    return {
      message:
        'dcvserver was started with another auth-token-verifier than dcv.conf names now, so it takes no such token yet',
      hint: `dcvops service restart ${agent}   (ends its sessions)`,
    };
  }
  if (facts.service !== 'active') {
    return {
      message: `dcvsimpleextauth is ${facts.service === 'starting' ? 'starting' : 'stopped'}, so nobody gets in with a token`,
      hint: startService(agent),
    };
  }
  if (!facts.folder) {
    return {
      message: `dcvsimpleextauth runs, but ${AUTH_DIR}, where its tokens are, is not there`,
      hint: `dcvops service status ${agent} --unit dcvsimpleextauth`,
    };
  }
  if (user !== undefined && !facts.account) {
    return {
      message: `there is no user "${user}"`,
      hint: `dcvops exec ${agent} -- ${words(['getent', 'passwd', user]).toString()}`,
    };
  }
  return undefined;
}

/** What is in the way of a token that works once. */
function onceProblem({ takesBack, runner }: SignInFacts, wanted: WantedSignIn): SignInProblem | undefined {
  const { agent } = wanted;
  if (takesBack === undefined) {
    return {
      message:
        'dcvsimpleextauth does not know remove-auth there, so no token could be taken back: no link was made',
      hint: `upgrade nice-dcv-simple-external-authenticator on ${agent}; ${reusableInstead(wanted)}`,
    };
  }
  if (!runner) {
    return {
      message:
        'there is no systemd-run with --collect (systemd 236 or newer), so nothing would take the token back: no link was made',
      hint: reusableInstead(wanted),
    };
  }
  return undefined;
}

function reusableInstead({ agent, id, user }: WantedSignIn): string {
  const who = user === undefined ? [] : ['--user', user];
  const target = words([`${agent}/${id}`, '--sign-in', ...who, '--reusable']).toString();
  return `a link without an end, that works more than once:\ndcvops session url ${target}`;
}

function startService(agent: string): string {
  return ['start', 'enable']
    .map((verb) => `dcvops service ${verb} ${agent} --unit dcvsimpleextauth`)
    .join('\n');
}

function setVerifier(agent: string): string {
  return `dcvops dcv config set ${agent} security/auth-token-verifier=${URL_OF_AUTHENTICATOR}   (counts from dcvserver’s next start on)`;
}

/** It listens on the host itself. */
function isAuthenticator(verifier: string, port: number): boolean {
  if (!URL.canParse(verifier)) return false;
  const url = new URL(verifier);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const local = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  return local && url.port === String(port);
}

/** A verifier's address may hold a secret of its own. */
function withoutQuery(verifier: string): string {
  return URL.canParse(verifier) ? new URL(verifier).origin : verifier.replace(/[?@].*/s, '…');
}
