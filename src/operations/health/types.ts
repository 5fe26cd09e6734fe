import type { Thresholds } from '../../gateway/health/thresholds.ts';
import type { GatewayContext } from '../gateway/context.ts';

/** What checks of agents' health work with. */
export interface HealthContext extends Omit<GatewayContext, 'confirm'> {
  /** How many agents are asked at once, by each proxy. */
  readonly concurrency: number;
  readonly tell: (event: HealthEvent) => void;
}

export interface HealthOptions extends Thresholds {
  /** An agent without any session counts as dead. */
  readonly needsSession: boolean;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Changes the pool at once, however short ago nginx was reloaded. */
  readonly now: boolean;
}

/** What became of an agent, or of a pool, on a proxy. */
export type HealthEvent =
  | {
      readonly type: 'health';
      readonly host: string;
      readonly agent: string;
      readonly address: string;
      /** spared: dead, but nobody would be left if it was marked. */
      readonly state: 'down' | 'up' | 'spared';
      readonly reason: string;
    }
  | {
      readonly type: 'pool';
      readonly host: string;
      readonly state: 'changed' | 'waiting';
      /** Until the next reload may come, in seconds. */
      readonly waitSeconds: number;
    };
