import type { ConfFile } from '../../dcv/conf/file.ts';
import type { LeftoverFacts } from '../facts/leftovers.ts';
import type { ConfEdit } from './dcv-conf.ts';

/** What can be retired. `broker` is also the Session Manager agent of an agent, and what both put into dcv.conf. */
export const RETIRABLE = ['broker', 'connection-gateway', 'resolver'] as const;
export type Retirable = (typeof RETIRABLE)[number];

/** A systemd unit, as far as stopping it and bringing it back go. */
export interface UnitState {
  readonly unit: string;
  readonly loaded: boolean;
  readonly active: boolean;
  /** Does it start at boot, by a link that `systemctl disable` takes away? */
  readonly enabled: boolean;
}

/** What a host keeps of something that it retired. */
export interface Retired {
  readonly name: string;
  /** When, and by whom: "2026-12-01T12:00:00Z anna@laptop". */
  readonly meta: string;
  /** The units as they were before. */
  readonly units: readonly { readonly unit: string; readonly active: boolean; readonly enabled: boolean }[];
  /** dcv.conf as it was before, and the digest of what it became; undefined: it was not changed. */
  readonly conf: { readonly text: string; readonly before: string; readonly after: string } | undefined;
  /** The dcv.conf of before is not the one that was recorded: it cannot be put back. */
  readonly damaged: boolean;
  /** dcvserver still runs with the dcv.conf of before. */
  readonly restartDue: boolean;
}

/** All that retiring, or bringing back, depends on. */
export interface RetireFacts {
  readonly units: readonly UnitState[];
  readonly leftovers: LeftoverFacts;
  /** undefined: there is no dcv.conf. */
  readonly conf: ConfFile | undefined;
  /** Viewers of all sessions; undefined: dcv did not say. */
  readonly viewers: number | undefined;
  /** Addresses of those who are connected through the connection gateway. */
  readonly clients: readonly string[];
  /** Who listens on the gateway's port: "nginx"; undefined: nobody, or ss does not say. */
  readonly portHolder: string | undefined;
  readonly retired: readonly Retired[];
}

/** What is allowed beyond stopping services. */
export interface RetireOptions {
  /** Restart dcvserver when dcv.conf changes; its sessions end. */
  readonly restart: boolean;
  /** Also when somebody is connected. */
  readonly endSessions: boolean;
}

/** What the inventory says of the gateway. */
export interface GatewaySettings {
  readonly role: 'proxy' | 'agent';
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
}

/** When dcvserver reads the dcv.conf that changes: with the change, later, or it need not. */
export type Restart = 'now' | 'later' | 'not-needed';

/** What will be done on a host. */
export interface RetirePlan {
  readonly kind: 'retire';
  readonly host: string;
  readonly what: Retirable;
  /** What is stopped and disabled. */
  readonly units: readonly UnitState[];
  readonly conf: { readonly before: ConfFile; readonly edit: ConfEdit } | undefined;
  readonly restart: Restart;
  /** What stays as it is, and why; a sentence each. */
  readonly keeps: readonly string[];
  readonly warnings: readonly string[];
  /** The command for afterwards, where there is one. */
  readonly next: string | undefined;
}

/** What will be brought back on a host. */
export interface UndoPlan {
  readonly kind: 'undo';
  readonly host: string;
  readonly what: string;
  readonly meta: string;
  /** Units that are not as they were. */
  readonly units: readonly { readonly unit: string; readonly start: boolean; readonly enable: boolean }[];
  /** dcv.conf, where it is not what it was. */
  readonly conf: { readonly before: ConfFile; readonly text: string } | undefined;
  readonly restart: Restart;
  readonly warnings: readonly string[];
}

/** Nothing is to be done, and why. */
export interface NothingToDo {
  readonly kind: 'nothing';
  readonly host: string;
  readonly message: string;
}
