import { DcvopsError } from '../../errors.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import type { ScriptRecord } from '../../shell/records.ts';
import type { UnitFacts } from '../facts/system.ts';
import { linesOf } from '../parse/lines.ts';
import { parseUnit } from '../parse/units.ts';
import { type ServiceState, serviceState } from '../units.ts';

/** A unit of a host, judged. */
export interface Service {
  /** As it was asked for: `gdm.service`. */
  readonly unit: string;
  /** Its own name, where that is an alias: `gdm3.service`. */
  readonly id: string;
  /** `broken`: systemd cannot read its file. */
  readonly state: ServiceState | 'broken';
  readonly facts: UnitFacts;
  /** How often systemd started it again by itself; undefined: a systemd before 235 does not count. */
  readonly restarts: number | undefined;
  /** A condition in its file was not met when it was last to be started, so that systemd left it alone. */
  readonly isConditionMissed: boolean;
  /** The last lines of its journal, where it does not run. */
  readonly journal: readonly string[];
  /** Where it does not exist: the units that do. */
  readonly others: readonly string[];
}

/**
 * Reads what `tell_state` told, the last time it did. Pure.
 * @throws DcvopsError `failed` where systemd does not answer
 */
export function parseService(host: string, unit: string, records: readonly ScriptRecord[]): Service {
  const from = records.findLastIndex(({ name }) => name === 'clock');
  const told = from === -1 ? [] : records.slice(from);
  const value = (name: string): string => told.find((record) => record.name === name)?.value ?? '';
  const state = value('state');
  const clock = /^(\d{1,12}) (\d{1,9}(?:\.\d+)?)$/.exec(value('clock'));
  const now = Number(clock?.[1]);
  const facts = clock === null ? undefined : parseUnit(state, now - Number(clock[2]));
  if (facts === undefined) throw noAnswer(host, state);
  return {
    unit,
    id: /^Id=(.+)$/m.exec(state)?.[1] ?? unit,
    state: judge(facts, now),
    facts,
    restarts: /^NRestarts=\d/m.test(state) ? facts.restarts : undefined,
    isConditionMissed: /^ConditionResult=no$/m.test(state) && facts.active === 'inactive',
    journal: linesOf(value('journal')).filter((line) => !line.startsWith('-- ')),
    others: linesOf(value('unit-files')),
  };
}

function judge(facts: UnitFacts, now: number): Service['state'] {
  // systemd 249 and later tell `error` and `bad-setting` apart
  if (facts.load === 'error' || facts.load === 'bad-setting') return 'broken';
  // what was masked while it ran goes on
  return serviceState(facts.active === 'active' ? { ...facts, load: 'loaded' } : facts, now);
}

function noAnswer(host: string, said: string): DcvopsError {
  const [line = 'no answer in 10 s'] = linesOf(said);
  return new DcvopsError('failed', `systemd does not answer: ${sanitiseLine(line)}`, {
    host,
    hint: `dcvops doctor ${host}`,
  });
}
