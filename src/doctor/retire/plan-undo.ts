import { DcvopsError } from '../../errors.ts';
import { quote } from '../../shell/shell.ts';
import { refuseRestartInUse, restartFor } from './plan.ts';
import type { NothingToDo, Retired, RetireFacts, RetireOptions, UndoPlan } from './types.ts';

export interface UndoOptions extends RetireOptions {
  /** Put dcv.conf back although somebody changed it since. */
  readonly force: boolean;
}

/**
 * Decides what bringing back comes to: one thing by its name, or all that is retired on the host. Pure.
 * @throws DcvopsError `failed` when it may not be done: dcv.conf was changed since, or somebody is connected
 */
export function planUndo(
  host: string,
  what: string | undefined,
  facts: RetireFacts,
  options: UndoOptions,
): readonly UndoPlan[] | NothingToDo {
  const chosen = facts.retired.filter(({ name }) => what === undefined || name === what);
  if (chosen.length === 0) {
    return {
      kind: 'nothing',
      host,
      message: what === undefined ? 'nothing is retired here' : `no ${what} is retired here`,
    };
  }
  return chosen.map((retired) => planOne(host, retired, facts, options));
}

function planOne(host: string, retired: Retired, facts: RetireFacts, options: UndoOptions): UndoPlan {
  const conf = confBefore(host, retired, facts, options);
  const plan: UndoPlan = {
    kind: 'undo',
    host,
    what: retired.name,
    meta: retired.meta,
    units: retired.units.flatMap((before) => {
      const now = facts.units.find(({ unit }) => unit === before.unit);
      const start = before.active && now?.active !== true;
      const enable = before.enabled && now?.enabled !== true;
      return start || enable ? [{ unit: before.unit, start, enable }] : [];
    }),
    conf,
    // a dcvserver that was not restarted since has this dcv.conf still
    restart: restartFor(conf !== undefined && !retired.restartDue, facts, options),
    warnings: warningsOf(retired, facts),
  };
  const again = `dcvops retire --undo ${retired.name} ${quote(host)} --restart --end-sessions`;
  if (!options.endSessions) refuseRestartInUse(plan, facts.viewers, again);
  return plan;
}

/** @throws DcvopsError `failed` when what somebody wrote into dcv.conf since would be lost */
function confBefore(
  host: string,
  { name, conf, damaged }: Retired,
  facts: RetireFacts,
  { force }: UndoOptions,
): UndoPlan['conf'] {
  const now = facts.conf;
  if (damaged) {
    throw new DcvopsError(
      'failed',
      'the dcv.conf that was kept is damaged; it is not put back. Nothing changed.',
      {
        host,
        hint: `dcvops exec --sudo ${quote(host)} -- ls -l /var/lib/dcvops/retired/${name}`,
      },
    );
  }
  if (conf === undefined || now === undefined || now.digest === conf.before) return undefined;
  if (now.digest !== conf.after && !force) {
    throw new DcvopsError('failed', 'dcv.conf was changed since; it is not put back. Nothing changed.', {
      host,
      hint:
        `dcvops exec --sudo ${quote(host)} -- diff /etc/dcv/dcv.conf /var/lib/dcvops/retired/${name}/dcv.conf\n` +
        `dcvops retire --undo ${name} ${quote(host)} --force   (what was changed is kept beside)`,
    });
  }
  return { before: now, text: conf.text };
}

function warningsOf({ name }: Retired, { portHolder }: RetireFacts): string[] {
  return name === 'connection-gateway' && portHolder !== undefined && !portHolder.startsWith('dcv-')
    ? [
        `${portHolder} has the gateway's port now: the connection gateway may not start before that is stopped`,
      ]
    : [];
}
