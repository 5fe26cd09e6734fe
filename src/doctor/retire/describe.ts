import { quote } from '../../shell/shell.ts';
import { nameOf } from './names.ts';
import type { Restart, RetirePlan, UndoPlan } from './types.ts';

/** What will be done on a host, for people: a heading and a line for each thing. dcv.conf is shown as a diff beside it. Pure. */
export function describePlan(plan: RetirePlan | UndoPlan): string {
  return plan.kind === 'retire' ? describeRetire(plan) : describeUndo(plan);
}

/** The command that was typed, as far as it concerns one host. Pure. */
export function againCommand({ kind, what, host }: RetirePlan | UndoPlan): string {
  return `dcvops retire ${kind === 'undo' ? '--undo ' : ''}${what} ${quote(host)}`;
}

function describeRetire(plan: RetirePlan): string {
  return [
    `retires ${nameOf(plan.what)}:`,
    ...plan.units.map(({ unit, active, enabled }) =>
      active && enabled ? `stop and disable ${unit}` : `${active ? 'stop' : 'disable'} ${unit}`,
    ),
    ...confLine(plan.conf?.edit.changes.length),
    ...restartLine(plan.restart),
    ...plan.keeps.map((kept) => `keep ${kept}`),
    `undo: dcvops retire --undo ${plan.what} ${quote(plan.host)}`,
  ].join('\n  ');
}

function describeUndo(plan: UndoPlan): string {
  const { what, meta, units, conf, restart } = plan;
  return [
    `brings back ${nameOf(what)}, retired ${meta.replace(' ', ' by ')}:`,
    ...units.map(
      ({ unit, start, enable }) =>
        `${[...(enable ? ['enable'] : []), ...(start ? ['start'] : [])].join(' and ')} ${unit}`,
    ),
    ...(conf === undefined ? [] : ['put /etc/dcv/dcv.conf back as it was']),
    ...restartLine(restart),
    ...(units.length === 0 && conf === undefined ? ['everything is as it was; only its record goes'] : []),
  ].join('\n  ');
}

function confLine(changes: number | undefined): string[] {
  return changes === undefined
    ? []
    : [`change ${changes} ${changes === 1 ? 'line' : 'lines'} of /etc/dcv/dcv.conf`];
}

function restartLine(restart: Restart): string[] {
  switch (restart) {
    case 'now':
      return ['restart dcvserver, which ends its sessions'];
    case 'later':
      return ['dcvserver reads it at its next start: --restart does that now, and ends its sessions'];
    case 'not-needed':
      return [];
  }
}
