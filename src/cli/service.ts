import type { Command } from 'commander';
import type { ServiceRequest } from '../doctor/service/act.ts';
import type { Service } from '../doctor/service/parse.ts';
import { DcvopsError } from '../errors.ts';
import type { Inventory } from '../inventory/types.ts';
import type { ServiceResult } from '../operations/service/act.ts';
import type { ServiceContext, ServiceStatus, ServiceTarget } from '../operations/service/status.ts';
import { type CliContext, action } from './context.ts';
import { type Fleet, usingFleet } from './fleet.ts';

interface ServiceFlags {
  readonly unit?: string;
  readonly endSessions?: boolean;
}

type Verb = ServiceRequest['verb'];

const ABOUT: Readonly<Record<Verb, string>> = {
  start: 'start a service, and see that it lives',
  stop: 'stop a service',
  restart: 'restart a service, and see that it lives; nginx is reloaded',
  enable: 'have a service start at boot',
};
const UNIT_OPTION = [
  '--unit <unit>',
  'a systemd unit; default: dcvserver on agents, nginx on proxies',
] as const;

export function registerService(program: Command): void {
  const service = program
    .command('service')
    .description('services of the hosts: dcvserver, nginx and others');
  registerStatus(service);
  for (const verb of ['start', 'stop', 'restart', 'enable'] as const) registerVerb(service, verb);
}

function registerStatus(service: Command): void {
  service
    .command('status')
    .description('how services are: since when, how often restarted, their last words where they failed')
    .argument('[host...]', 'names, addresses, globs or @tags; default: every host that the unit belongs to')
    .option(...UNIT_OPTION)
    .addHelpText(
      'after',
      '\nExamples:\n  dcvops service status\n  dcvops service status @gpu --unit dcvsessionlauncher\n',
    )
    .action(
      action(async (context, patterns: string[], flags: ServiceFlags) => {
        const statuses = await usingFleet(context, async (fleet) => {
          const { readServices } = await import('../operations/service/status.ts');
          return readServices(
            serviceContext(context, fleet),
            await selectTargets(fleet.inventory, patterns, flags.unit),
          );
        });
        if (context.json) context.printJson(statuses.map(statusAsJson));
        else await printStatuses(context, statuses);
        return 0;
      }),
    );
}

function registerVerb(service: Command, verb: Verb): void {
  const command = service
    .command(verb)
    .description(ABOUT[verb])
    .argument('[host...]', 'names, addresses, globs or @tags')
    .option(...UNIT_OPTION);
  if (verb === 'stop' || verb === 'restart') {
    command.option('--end-sessions', 'also where desktops end with it');
  }
  command.action(
    action(
      async (context, patterns: string[], flags: ServiceFlags) => {
        if (patterns.length === 0) {
          throw new DcvopsError('usage', 'no host is named', {
            hint: `dcvops service ${verb} HOST…   ('*' is every host)`,
          });
        }
        context.finishWhoeverReads();
        const results = await usingFleet(context, async (fleet) => {
          const { actOnServices } = await import('../operations/service/act.ts');
          return actOnServices(
            { ...serviceContext(context, fleet), inventory: fleet.inventory },
            await selectTargets(fleet.inventory, patterns, flags.unit),
            { verb, endSessions: flags.endSessions === true },
          );
        });
        if (context.json) context.printJson(results.map(resultAsJson));
        return 0;
      },
      { json: 'document', steps: true },
    ),
  );
}

function serviceContext({ emit, concurrency }: CliContext, { connect }: Fleet): ServiceContext {
  return { connect, emit, concurrency };
}

/** Where no host is named, those of the kind that the unit belongs to. */
async function selectTargets(
  inventory: Inventory,
  patterns: readonly string[],
  named: string | undefined,
): Promise<ServiceTarget[]> {
  const [{ DEFAULT_UNIT, roleOfUnit, unitName }, { selectHosts }] = await Promise.all([
    import('../doctor/service/unit-name.ts'),
    import('../inventory/select.ts'),
  ]);
  const unit = named === undefined ? undefined : unitName(named);
  const role = unit === undefined ? undefined : roleOfUnit(unit);
  return selectHosts(inventory, patterns)
    .filter((host) => patterns.length > 0 || role === undefined || host.role === role)
    .map((host) => ({ host, unit: unit ?? DEFAULT_UNIT[host.role] }));
}

const STATE: Readonly<Record<Service['state'], string>> = {
  runs: 'active',
  starting: 'starting',
  stopped: 'stopped',
  failed: 'failed',
  loops: 'crash-loops',
  masked: 'masked',
  broken: 'broken',
  missing: 'missing',
};

async function printStatuses(context: CliContext, statuses: readonly ServiceStatus[]): Promise<void> {
  const [{ formatTable }, { utc }, { shortName }, { sanitiseLine }] = await Promise.all([
    import('../report/table.ts'),
    import('../doctor/units.ts'),
    import('../doctor/service/unit-name.ts'),
    import('../report/sanitise.ts'),
  ]);
  const { style } = context;
  context.print(
    formatTable<ServiceStatus>(
      [
        { heading: 'HOST', cell: (row) => row.host },
        { heading: 'UNIT', cell: (row) => shortName(row.unit) },
        {
          heading: 'STATE',
          cell: ({ service }) => (service === undefined ? '?' : STATE[service.state]),
          style: (text, { problem }) => (problem === undefined ? style.good(text) : style.bad(text)),
        },
        {
          heading: 'SINCE',
          cell: ({ service }) => (service?.facts.since === undefined ? '' : utc(service.facts.since)),
        },
        { heading: 'RESTARTS', cell: ({ service }) => String(service?.restarts ?? '?') },
        { heading: 'AT BOOT', cell: ({ service }) => service?.facts.enabled ?? '?' },
      ],
      statuses,
    ),
  );
  for (const { host, unit, service, problem } of statuses) {
    if (problem === undefined || service === undefined || service.journal.length === 0) continue;
    const lines = service.journal.map((line) => `  ${sanitiseLine(line)}\n`);
    context.print(`\n${style.bold(host)}  ${shortName(unit)}, its last lines\n${lines.join('')}`);
  }
}

function statusAsJson({ host, address, unit, service, problem, hint }: ServiceStatus): object {
  return { host, address, unit, ...serviceAsJson(service), problem: problem ?? null, hint: hint ?? null };
}

function resultAsJson({ service, hint, ...result }: ServiceResult): object {
  return { ...result, hint: hint ?? null, ...serviceAsJson(service) };
}

/** What is not known is null; times are in ISO 8601. */
function serviceAsJson(service: Service | undefined): object {
  if (service === undefined) return { state: null };
  const { id, state, facts, restarts, journal } = service;
  return {
    state: STATE[state],
    id,
    load: facts.load,
    active: facts.active,
    sub: facts.sub,
    result: facts.result,
    enabled: facts.enabled,
    since: facts.since === undefined ? null : new Date(facts.since * 1000).toISOString(),
    restarts: restarts ?? null,
    journal,
  };
}
