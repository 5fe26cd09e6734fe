import { hostPatternFor, originPatternFor } from './gateway-patterns.ts';
import { patternMatches } from './patterns.ts';
import { type Setting, type WantedSetting, settingsOf, readAssignment, readSettingName } from './settings.ts';

/** Whom a hardened DCV shall serve. */
export interface HardenFor {
  /** What people open, by each of its names: `https://10.213.66.188:8443`. */
  readonly gateways: readonly string[];
  /** The agent's own address, by which dcvops and health checks ask it: `https://10.150.248.180:8443`. */
  readonly own: string;
  /** After so many minutes without a movement a viewer is disconnected, where nothing is set. */
  readonly idleMinutes: number;
}

/** Settings that make an agent safer, and words about what is left alone. */
export interface Hardening {
  readonly wanted: readonly WantedSetting[];
  readonly notes: readonly string[];
}

const AUTHENTICATION = 'security/authentication';
const HOSTS = 'security/allowed-http-host-regex';
const ORIGINS = 'security/allowed-ws-origin-regex';
const IDLE = 'connectivity/idle-timeout';

/** What is to be set in this dcv.conf: a login, the gateway's names and pages and no others, an end for idle viewers. Pure. */
export function hardening(conf: string, { gateways, own, idleMinutes }: HardenFor): Hardening {
  const hosts = [...gateways, own].map((url) => new URL(url));
  const origins = gateways.map((url) => new URL(url).origin);
  return together([
    hardenLogin(conf),
    hardenPattern(conf, HOSTS, {
      pattern: hostPatternFor(hosts.map((url) => ({ hostname: url.hostname, port: portOf(url) }))),
      served: hosts.map(({ host }) => host),
      foreign: 'elsewhere.invalid:8443',
    }),
    hardenPattern(conf, ORIGINS, {
      pattern: originPatternFor(origins),
      served: origins,
      foreign: 'https://elsewhere.invalid:8443',
    }),
    hardenIdle(conf, idleMinutes),
  ]);
}

function together(parts: readonly Hardening[]): Hardening {
  return { wanted: parts.flatMap(({ wanted }) => wanted), notes: parts.flatMap(({ notes }) => notes) };
}

const NOTHING: Hardening = { wanted: [], notes: [] };

/** Where DCV can't take what is written, its default is a login; nobody is to rely on that. */
function hardenLogin(conf: string): Hardening {
  const { value, problem } = settingOf(conf, AUTHENTICATION);
  if (value !== 'none' && problem === undefined) return NOTHING;
  return {
    wanted: [readAssignment(`${AUTHENTICATION}=system`)],
    notes: [
      problem === undefined
        ? 'viewers will log in with the password of the session owner’s account'
        : `${AUTHENTICATION} is set to what it can’t be: it has to be ${problem}`,
    ],
  };
}

/** An expression that takes the gateway and no foreign name is left as it is; so is one that can't be judged. */
function hardenPattern(
  conf: string,
  name: string,
  {
    pattern,
    served,
    foreign,
  }: { readonly pattern: string; readonly served: readonly string[]; readonly foreign: string },
): Hardening {
  const now = String(settingOf(conf, name).value);
  if (now === pattern) return NOTHING;
  const takesForeign = patternMatches(now, foreign);
  const takesServed = served.map((text) => patternMatches(now, text));
  if (takesForeign === true || takesServed.includes(false)) {
    return { wanted: [readAssignment(`${name}=${pattern}`)], notes: [] };
  }
  const isJudged = takesForeign === false && !takesServed.includes(undefined);
  return isJudged
    ? NOTHING
    : { wanted: [], notes: [`${name} is left as it is: it can’t be told what it matches`] };
}

function hardenIdle(conf: string, minutes: number): Hardening {
  const { written, value, problem } = settingOf(conf, IDLE);
  if (written === undefined || problem !== undefined) {
    return { wanted: [readAssignment(`${IDLE}=${minutes}`)], notes: [] };
  }
  return value === 0 ? { wanted: [], notes: [`${IDLE} is 0: idle viewers are never disconnected`] } : NOTHING;
}

/** What counts, default or not. */
function settingOf(conf: string, name: string): Partial<Setting> {
  return settingsOf(conf, [readSettingName(name)])[0] ?? {};
}

function portOf({ port }: URL): number {
  return port === '' ? 443 : Number(port);
}
