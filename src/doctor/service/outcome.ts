import { parseAgentSessions } from '../../dcv/agent-facts.ts';
import { explainSilence } from '../../dcv/failures.ts';
import { type AgentWithSessions, MOST_NAMED, sessionsAgain } from '../../dcv/session/again.ts';
import type { DcvSession } from '../../dcv/types.ts';
import type { SessionDefaults } from '../../inventory/types.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import type { ScriptRecord } from '../../shell/records.ts';
import { asRoot, steps } from '../commands.ts';
import { linesOf } from '../parse/lines.ts';
import { sinceWhen } from '../units.ts';
import type { ServiceRequest } from './act.ts';
import { type Service, parseService } from './parse.ts';
import { type ServiceHost, type Trouble, serviceCommand, troubleOf } from './trouble.ts';
import { shortName } from './unit-name.ts';

/** What came of a request. */
export type ServiceOutcome =
  | {
      readonly kind: 'done' | 'unchanged' | 'failed';
      readonly message: string;
      readonly hint: string | undefined;
      /** The unit as it is now. */
      readonly service: Service;
      /** Sessions that ended with it. */
      readonly ended: readonly DcvSession[];
    }
  | {
      /** Nothing was done: desktops would end. */
      readonly kind: 'in-use';
      readonly service: Service;
      readonly sessions: readonly DcvSession[];
      /** dcv does not tell its sessions, and why; undefined: it does, or nobody has asked. */
      readonly silence: string | undefined;
      /** Connections from nginx to agents; undefined for other units, and where they cannot be counted. */
      readonly connections: number | undefined;
    };

/** Where a unit is, and what the inventory says of the sessions there. */
export type SessionHost = ServiceHost & AgentWithSessions;

/**
 * What `serviceScript` told. Pure.
 * @param defaults of the sessions that are made again where theirs ended
 * @throws DcvopsError `failed` where systemd does not answer, and for a list of sessions that cannot be understood
 */
export function readOutcome(
  host: SessionHost,
  request: ServiceRequest,
  records: readonly ScriptRecord[],
  defaults: SessionDefaults,
): ServiceOutcome {
  const at = records.findIndex(({ name }) => name === 'doing');
  const before = at === -1 ? records : records.slice(0, at);
  const after = at === -1 ? [] : records.slice(at);
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const service = parseService(host.name, request.unit, records);
  const sessions = parseAgentSessions(before).sessions ?? [];
  if (value('in-use') !== undefined) {
    const count = value('connections') ?? '';
    const silence = value('silence');
    return {
      kind: 'in-use',
      service,
      sessions,
      silence: silence === undefined ? undefined : explainSilence(silence),
      connections: /^\d{1,9}$/.test(count) ? Number(count) : undefined,
    };
  }
  const ended = at === -1 ? [] : without(sessions, parseAgentSessions(after).sessions ?? []);
  const result = (kind: 'done' | 'unchanged' | 'failed', message: string, hint?: string): ServiceOutcome => ({
    kind,
    message: message + endedText(ended),
    hint,
    service,
    ended,
  });

  const refused = value('nginx-refuses');
  if (refused !== undefined) {
    return result(
      'failed',
      `nginx refuses its configuration: ${firstLine(refused)}. It was left as it runs.`,
      asRoot(host.name, 'nginx', '-t'),
    );
  }
  if (at === -1) return untouched(host, request, service, result);
  const trouble = problemOf(host, request, service, value);
  if (trouble !== undefined) return result('failed', trouble.message, trouble.hint);
  const next = nextOf(host, request, service, ended, defaults);
  return result('done', doneText(request, service, value('doing')), next);
}

type Result = (kind: 'done' | 'unchanged' | 'failed', message: string, hint?: string) => ServiceOutcome;

/** The unit is as it shall be already, or cannot be made so. */
function untouched(
  host: ServiceHost,
  { verb }: ServiceRequest,
  service: Service,
  result: Result,
): ServiceOutcome {
  const name = shortName(service.unit);
  const { facts, state } = service;
  const cannot = state === 'missing' || state === 'broken' || (state === 'masked' && verb !== 'stop');
  const trouble = troubleOf(host, service);
  if (cannot && trouble !== undefined) return result('failed', trouble.message, trouble.hint);
  if (facts.load === 'masked' && verb !== 'stop') {
    return result(
      'failed',
      `${name} is masked, and runs only because it did so before`,
      asRoot(host.name, 'systemctl', 'unmask', name),
    );
  }
  switch (verb) {
    case 'enable':
      return facts.enabled === 'static'
        ? result('unchanged', `${name} is static: it starts when other units want it, and cannot be enabled`)
        : result('unchanged', `${name} starts at boot already`);
    case 'stop':
      return result(
        'unchanged',
        facts.active === 'failed'
          ? `${name} does not run: ${trouble?.message ?? ''}`
          : `${name} is stopped already${sinceWhen(facts)}`,
      );
    case 'start':
    case 'restart':
      return result('unchanged', `${name} is active already${sinceWhen(facts)}`);
  }
}

function problemOf(
  host: ServiceHost,
  { verb, unit }: ServiceRequest,
  service: Service,
  value: (name: string) => string | undefined,
): Trouble | undefined {
  const name = shortName(unit);
  const status = asRoot(host.name, 'systemctl', 'status', '--no-pager', name);
  const trouble = troubleOf(host, service);
  const refused = value('refused');
  if (refused !== undefined) {
    const why = trouble === undefined || verb === 'enable' ? firstLine(refused) : trouble.message;
    return {
      message: `systemctl ${value('doing') ?? verb} ${name} failed: ${why}`,
      hint: trouble?.hint ?? status,
    };
  }
  const late = value('late');
  if (late !== undefined) {
    return {
      message: `systemd is not done with ${name} after ${late} s; it goes on`,
      hint: serviceCommand('status', host, unit),
    };
  }
  const silent = value('silent');
  if (silent !== undefined) {
    return {
      message: `${name} runs but does not answer: ${sanitiseLine(explainSilence(silent))}`,
      hint: steps(
        asRoot(host.name, 'tail', '-n', '30', '/var/log/dcv/server.log'),
        `dcvops doctor ${host.name}`,
      ),
    };
  }
  const stays = value('stays');
  if (stays !== undefined) {
    const why = firstLine(stays).replace(/^.*\[emerg\] (?:\d+#\d+: )?/, '');
    return {
      message: `${name} was reloaded and goes on with what it had: ${why}. Open desktops stay.`,
      hint: asRoot(host.name, 'tail', '-n', '30', '/var/log/nginx/error.log'),
    };
  }
  switch (verb) {
    case 'enable':
      return service.facts.enabled.startsWith('enabled')
        ? undefined
        : { message: `${name} is ${service.facts.enabled || 'not enabled'} all the same`, hint: status };
    case 'stop':
      return service.facts.active === 'inactive' || service.facts.active === 'failed'
        ? undefined
        : { message: `${name} does not stay stopped: something starts it`, hint: status };
    case 'start':
    case 'restart':
      // systemd counts anew with each start, and not with a reload
      if (value('doing') !== 'reload' && (service.restarts ?? 0) > 0)
        return troubleOf(host, { ...service, state: 'loops' });
      return hasRun(service) ? undefined : trouble;
  }
}

/** A unit that does one thing and ends is stopped again, and all is well. */
function hasRun({ state, facts, isConditionMissed }: Service): boolean {
  return (
    state === 'stopped' && facts.active === 'inactive' && facts.result === 'success' && !isConditionMissed
  );
}

function doneText({ verb, unit }: ServiceRequest, service: Service, doing: string | undefined): string {
  const name = shortName(unit);
  if (doing === 'reload') {
    return `${name} reloaded, not restarted: it reads its files again, and open desktops stay`;
  }
  switch (verb) {
    case 'enable':
      return `${name} starts at boot from now on`;
    case 'stop':
      return `${name} stopped`;
    case 'start':
    case 'restart':
      return hasRun(service) ? `${name} ran to its end` : `${name} ${verb}ed`;
  }
}

/** The next command, where there is one. */
function nextOf(
  host: SessionHost,
  { verb, unit }: ServiceRequest,
  { state }: Service,
  ended: readonly DcvSession[],
  defaults: SessionDefaults,
): string | undefined {
  if (verb === 'stop' || (verb === 'enable' && state !== 'runs')) return serviceCommand('start', host, unit);
  return ended.length === 0 ? undefined : steps(...sessionsAgain(host, ended, defaults));
}

function without(sessions: readonly DcvSession[], now: readonly DcvSession[]): DcvSession[] {
  return sessions.filter(({ id }) => !now.some((one) => one.id === id));
}

function endedText(ended: readonly DcvSession[]): string {
  if (ended.length === 0) return '';
  const some = ended.slice(0, MOST_NAMED).map(({ id }) => `"${sanitiseLine(id)}"`);
  const more = ended.length > MOST_NAMED ? `, and ${ended.length - MOST_NAMED} more` : '';
  return `; ${ended.length === 1 ? 'session' : 'sessions'} ${some.join(', ')}${more} ended with it`;
}

function firstLine(text: string): string {
  const [line = 'it says nothing'] = linesOf(text);
  return sanitiseLine(line.trim()).slice(0, 300);
}
