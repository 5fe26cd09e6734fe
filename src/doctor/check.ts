import type { AgentFacts } from './facts/agent.ts';
import type { FactSet, HostFacts } from './facts/fleet.ts';
import type { LeftoverFacts } from './facts/leftovers.ts';
import type { PathFacts } from './facts/path.ts';
import type { ProxyFacts } from './facts/proxy.ts';
import type { SystemFacts } from './facts/system.ts';
import type { Script } from '../shell/script.ts';

/** Where a check looks; the catalogue is ordered by these, and a check's id begins with its family. */
export const FAMILIES = ['operator', 'reach', 'host', 'proxy', 'agent', 'path', 'leftovers'] as const;
export type Family = (typeof FAMILIES)[number];

/** `error`: people cannot work, or somebody may come in who must not. `warning`: it will come to that. `note`: good to know. */
export type Severity = 'error' | 'warning' | 'note';

/** Which chapters of "the desktop doesn't show" the check belongs to, for the README. */
export type Symptom = 'session' | 'service' | 'desktop' | 'nginx' | 'network';

/** What a check found. Texts are for people, in plain short sentences; values from hosts need no sanitising here. */
export interface Sighting {
  /** What is so, with the figures that show it: "dcvserver is failed (start-limit-hit) since 09:12". */
  readonly seen: string;
  /** Lines that show it, as hosts wrote them; at most a handful. */
  readonly evidence?: readonly string[];
  /** The command to type; several lines are several steps. */
  readonly remedy: string;
  /** What `--fix` would do; left out where only a person can decide. */
  readonly fix?: Fix;
  /** Where this one is less, or more, than the check's severity. */
  readonly severity?: Severity;
  /**
   * Other hosts it is about: a cause that was found there silences this one, too. Of this machine: the hosts that it matters
   * for, where it does not for all.
   */
  readonly involves?: readonly string[];
  /** Where this one has other causes than the check's `follows`. */
  readonly follows?: readonly string[];
}

/** Something that `--fix` may do. Each is safe to repeat, and checks on the host that it is still needed. */
export type Fix = {
  /** What it does, as the plan shows it: "start dcvserver". */
  readonly title: string;
  /** The command that undoes it; undefined: it cannot be undone, or there is nothing to undo, as `title` says. */
  readonly undo: string | undefined;
  /** Does it end sessions of the host? It then needs `--end-sessions` when anybody is connected. */
  readonly endsSessions?: boolean;
} & (
  | {
      readonly kind: 'script';
      /** The host it runs on. Exit code 0: done, or nothing to do any more. Anything else is told with its output. */
      readonly host: string;
      readonly script: Script;
    }
  | { readonly kind: 'create-session'; readonly host: string; readonly sessionId: string }
  /** Creates those of the declared sessions that are missing. */
  | { readonly kind: 'restore-sessions'; readonly host: string }
  | { readonly kind: 'local-mode'; readonly file: string; readonly mode: number }
);

/** A finding is a sighting with its check and its subject. */
export interface Finding extends Sighting {
  readonly check: string;
  readonly severity: Severity;
  /** A host's name, `operator`, or for a path the agent's name. */
  readonly subject: string;
}

/** One thing that can be wrong. */
export interface Check {
  /** `agent/session-missing`; the file is `checks/agent/session-missing.ts`. */
  readonly id: string;
  readonly severity: Severity;
  /** As a heading: "The session is not there". */
  readonly title: string;
  /** Why it matters, in a sentence or two. */
  readonly why: string;
  /** The remedy with NAMES for what varies, as the catalogue shows it: "dcvops session create AGENT". */
  readonly remedy: string;
  /** What `--fix` does about it, with its undo, for the catalogue; undefined: nothing. */
  readonly fix?: string;
  readonly symptoms: readonly Symptom[];
  /** Ids of checks whose finding, on the same subject or a host that is involved, makes this one a mere consequence. */
  readonly follows: readonly string[];
  /** Pure. Looks at the whole set and returns findings without regard to causes. */
  readonly run: (facts: FactSet) => readonly Finding[];
}

type Description<Look> = Omit<Check, 'run' | 'follows' | 'symptoms'> &
  Partial<Pick<Check, 'follows' | 'symptoms'>> & {
    /** Pure: what is wrong there; undefined or an empty list: nothing. */
    readonly look: Look;
  };

type Seen = Sighting | readonly Sighting[] | undefined;

/** A host whose facts came, with the set that they belong to. */
export interface HostView {
  readonly host: HostFacts;
  readonly name: string;
  readonly system: SystemFacts;
  readonly set: FactSet;
}

/** A check of this machine, or of the inventory as a whole. */
export function operatorCheck(description: Description<(set: FactSet) => Seen>): Check {
  return define(description, (set) => [{ subject: 'operator', seen: description.look(set) }]);
}

/** A check of how each host is reached; also of hosts that could not be asked anything. */
export function reachCheck(description: Description<(host: HostFacts, set: FactSet) => Seen>): Check {
  return define(description, (set) =>
    set.hosts.map((host) => ({ subject: host.name, seen: description.look(host, set) })),
  );
}

/** A check of every host whose facts came. */
export function hostCheck(description: Description<(view: HostView) => Seen>): Check {
  return define(description, (set) =>
    views(set).map((view) => ({ subject: view.name, seen: description.look(view) })),
  );
}

/** A check of every proxy whose facts came. */
export function proxyCheck(
  description: Description<(view: HostView & { readonly proxy: ProxyFacts }) => Seen>,
): Check {
  return define(description, (set) =>
    views(set).flatMap((view) => {
      const { proxy } = view.host;
      if (proxy === undefined) return [];
      return [{ subject: view.name, seen: description.look({ ...view, proxy }) }];
    }),
  );
}

/** A check of every agent whose facts came. */
export function agentCheck(
  description: Description<(view: HostView & { readonly agent: AgentFacts }) => Seen>,
): Check {
  return define(description, (set) =>
    views(set).flatMap((view) => {
      const { agent } = view.host;
      if (agent === undefined) return [];
      return [{ subject: view.name, seen: description.look({ ...view, agent }) }];
    }),
  );
}

/** A check of what earlier attempts left on a host. */
export function leftoversCheck(
  description: Description<(view: HostView & { readonly leftovers: LeftoverFacts }) => Seen>,
): Check {
  return define(description, (set) =>
    views(set).flatMap((view) => {
      const { leftovers } = view.host;
      if (leftovers === undefined) return [];
      return [{ subject: view.name, seen: description.look({ ...view, leftovers }) }];
    }),
  );
}

/** A check of the way to each agent; its subject is the agent, and the proxy is always involved. */
export function pathCheck(description: Description<(path: PathFacts, set: FactSet) => Seen>): Check {
  return define(description, (set) =>
    set.paths.map((path) => ({
      subject: path.agent,
      seen: asList(description.look(path, set)).map((sighting) => ({
        ...sighting,
        involves: [path.proxy, ...(sighting.involves ?? [])],
      })),
    })),
  );
}

function define(
  description: Description<unknown>,
  run: (set: FactSet) => readonly { readonly subject: string; readonly seen: Seen }[],
): Check {
  const { id, severity, title, why, remedy, fix, follows = [], symptoms = [] } = description;
  return {
    id,
    severity,
    title,
    why,
    remedy,
    ...(fix === undefined ? {} : { fix }),
    follows,
    symptoms,
    run: (set) =>
      run(set).flatMap(({ subject, seen }) =>
        asList(seen).map((sighting) => ({ severity, ...sighting, check: id, subject })),
      ),
  };
}

function asList(seen: Seen): readonly Sighting[] {
  if (seen === undefined) return [];
  return Array.isArray(seen) ? (seen as readonly Sighting[]) : [seen as Sighting];
}

function views(set: FactSet): HostView[] {
  return set.hosts.flatMap((host) =>
    host.system === undefined ? [] : [{ host, name: host.name, system: host.system, set }],
  );
}
