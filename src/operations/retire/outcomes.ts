import { sessionsCommand } from '../../dcv/session/again.ts';
import { nameOf } from '../../doctor/retire/names.ts';
import type { RetirePlan, UndoPlan } from '../../doctor/retire/types.ts';
import type { Host } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { quote } from '../../shell/shell.ts';
import type { Result } from './carry-out.ts';

/** A plan that was carried out, and what came of it. */
export interface Done extends Result {
  readonly plan: RetirePlan | UndoPlan;
}

/** The last word about a host on which nothing was done, for `--dry-run`. Pure. */
export function wouldOutcome(host: string, plans: readonly (RetirePlan | UndoPlan)[]): OutcomeEvent {
  const what = plans.map(({ what: name }) => nameOf(name)).join(' and ');
  const verb = plans.every(({ kind }) => kind === 'retire') ? 'retire' : 'bring back';
  return { type: 'outcome', host, outcome: 'done', message: `would ${verb} ${what}; nothing changed` };
}

/** The last word about a host on which all was done, with the next commands to type. Pure. */
export function doneOutcome(host: Host, done: readonly Done[]): OutcomeEvent {
  const { name, role } = host;
  const hints = done.flatMap((one) => [
    ...restartHint(name, one),
    ...(one.plan.restart === 'now' && !one.restartWithheld && role === 'agent'
      ? [sessionsCommand(host)]
      : []),
    ...(one.plan.kind === 'retire' && one.plan.next !== undefined ? [one.plan.next] : []),
    ...(one.plan.kind === 'retire'
      ? [`dcvops retire --undo ${one.plan.what} ${quote(name)}   (brings it back)`]
      : []),
  ]);
  return {
    type: 'outcome',
    host: name,
    outcome: 'done',
    message: done.map(sentence).join('\n'),
    ...(hints.length === 0 ? {} : { hint: hints.join('\n') }),
  };
}

function sentence({ plan, restartWithheld, replaced }: Done): string {
  const restart = restartWithheld
    ? 'somebody connected meanwhile, so dcvserver was not restarted'
    : plan.restart === 'now'
      ? 'dcvserver was restarted'
      : plan.restart === 'later'
        ? 'dcvserver reads the changed dcv.conf at its next start'
        : undefined;
  return [
    `${nameOf(plan.what)} ${plan.kind === 'retire' ? 'is retired' : 'is back'}`,
    ...(replaced === undefined ? [] : [`the dcv.conf that was changed since is kept as ${replaced}`]),
    ...(restart === undefined ? [] : [restart]),
  ].join('; ');
}

function restartHint(host: string, { plan, restartWithheld }: Done): string[] {
  if (plan.restart !== 'later' && !restartWithheld) return [];
  const command =
    plan.kind === 'retire'
      ? `dcvops retire ${plan.what} ${quote(host)} --restart`
      : `dcvops service restart ${quote(host)}`;
  return [`${command}   (ends its sessions)`];
}
