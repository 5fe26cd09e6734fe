import { type ScriptRecord, SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { type ShellText, lines, program, sh, words } from '../../shell/shell.ts';
import { PERSISTED_PATHS, PERSIST_UNIT } from './files.ts';

/** What of persisted sessions is on an agent. */
export interface PersistFacts {
  /** Is DCV installed? */
  readonly installed: boolean;
  /** Those that are there, by path. */
  readonly files: ReadonlyMap<string, PersistedFile>;
  readonly unit: PersistUnit;
}

/** A file that is there. */
export interface PersistedFile {
  /** "644 root:root" */
  readonly mode: string;
  /** Without the line ends at its end. */
  readonly content: string;
}

/** The unit, as far as systemd knows it. */
export interface PersistUnit {
  readonly enabled: boolean;
  /** `active`, `inactive`, `failed`, …; empty: not told. */
  readonly active: string;
}

/** Reads what is there, in one round trip. */
export function readPersisted(): Script {
  return {
    name: 'read the persisted sessions',
    text: lines(SAY, FACTS, UNIT_STATE),
    args: PERSISTED_PATHS,
    root: true,
  };
}

const FACTS = program`
if command -v dcv >/dev/null 2>&1 || [ -x /usr/bin/dcv ]; then say installed ''; fi
for file in "$@"; do
  if [ -f "$file" ]; then
    say file "$file"
    say mode "$(stat -c '%a %U:%G' "$file")"
    say content "$(cat "$file")"
  fi
done`;

const UNIT_STATE = sh`say persist-unit "$(systemctl show ${PERSIST_UNIT} --property=UnitFileState,ActiveState 2>/dev/null)"`;

/** Tells `persisted`, their fingerprint, where any of the files is there; and the unit's state. For other scripts. */
export const PERSISTED: ShellText = lines(
  sh`persisted=$(cat ${words(PERSISTED_PATHS)} 2>/dev/null | sha256sum)`,
  sh`for file in ${words(PERSISTED_PATHS)}; do`,
  program`  if [ -e "$file" ]; then say persisted "\${persisted%% *}"; break; fi
done`,
  UNIT_STATE,
);

/** Reads what {@link readPersisted} told. Pure. */
export function parsePersisted(records: readonly ScriptRecord[]): PersistFacts {
  const files = records.flatMap(({ name, value }, index) =>
    name === 'file'
      ? [
          [
            value,
            { mode: records[index + 1]?.value ?? '', content: records[index + 2]?.value ?? '' },
          ] as const,
        ]
      : [],
  );
  return {
    installed: records.some(({ name }) => name === 'installed'),
    files: new Map(files),
    unit: parseUnit(records),
  };
}

/** How the sessions that an agent creates by itself compare with those of the inventory. */
export type PersistState = 'absent' | 'current' | 'outdated' | 'disabled' | 'failed';

/**
 * Reads what {@link PERSISTED} told. Pure.
 * @param wanted the fingerprint of what should be there
 */
export function parsePersistState(records: readonly ScriptRecord[], wanted: string): PersistState {
  const fingerprint = records.find(({ name }) => name === 'persisted')?.value;
  if (fingerprint === undefined) return 'absent';
  return persistState(fingerprint, parseUnit(records), wanted);
}

/** The same of facts that are known. Pure. */
export function persistState(fingerprint: string, unit: PersistUnit, wanted: string): PersistState {
  if (fingerprint !== wanted) return 'outdated';
  if (!unit.enabled) return 'disabled';
  return unit.active === 'failed' ? 'failed' : 'current';
}

function parseUnit(records: readonly ScriptRecord[]): PersistUnit {
  return persistUnit(records.find(({ name }) => name === 'persist-unit')?.value ?? '');
}

/** The unit, as `systemctl show --property=UnitFileState,ActiveState` tells it. Pure. */
export function persistUnit(text: string): PersistUnit {
  return {
    enabled: /^UnitFileState=enabled$/m.test(text),
    active: /^ActiveState=(.*)$/m.exec(text)?.[1] ?? '',
  };
}
