import type { Command } from 'commander';
import type { WantedSetting } from '../../dcv/conf/settings.ts';
import type { ShownSetting } from '../../dcv/conf/shown-settings.ts';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost } from '../../inventory/types.ts';
import type { AgentConfig, ConfigDifferences } from '../../operations/dcv-config/read.ts';
import { type CliContext, action } from '../context.ts';
import { type Fleet, readInventory, usingFleet } from '../fleet.ts';
import { type ChangeFlags, addChangeFlags, changingConfigs } from './change-flags.ts';

const AGENTS = 'agents by name, address, glob or @tag';

export function registerConfig(dcv: Command): void {
  const config = dcv.command('config').description('read and change settings of dcv.conf');
  registerGet(config);
  registerSet(config);
  registerUnset(config);
  registerDiff(config);
}

function registerGet(config: Command): void {
  config
    .command('get')
    .description('what counts on agents: what dcv.conf sets, or the settings that are named')
    .argument('<agent|section/key...>', `${AGENTS}; and settings`)
    .option('--all', 'every documented setting too, with its default')
    .addHelpText(
      'after',
      '\nExamples:\n  dcvops dcv config get agent1\n  dcvops dcv config get @gpu security/authentication\n',
    )
    .action(
      action(async (context, words: string[], flags: { readonly all?: boolean }) => {
        const [{ readConfigs }, { readSettingName }] = await Promise.all([
          import('../../operations/dcv-config/read.ts'),
          import('../../dcv/conf/settings.ts'),
        ]);
        const { agents, settings } = await splitWords(context, words, 'dcvops dcv config get AGENT');
        const names = settings.length === 0 ? undefined : settings.map(readSettingName);
        const configs = await withAgents(context, agents, (fleet, hosts) =>
          readConfigs({ ...context, connect: fleet.connect }, hosts, names),
        );
        const wanted = configs.map((one) => ({
          ...one,
          settings: one.settings.filter(
            ({ from, problem }) =>
              flags.all === true || names !== undefined || from === 'dcv.conf' || problem !== undefined,
          ),
        }));
        if (context.json) context.printJson(wanted);
        else await printSettings(context, wanted);
        return 0;
      }),
    );
}

function registerSet(config: Command): void {
  addChangeFlags(
    config
      .command('set')
      .description('give settings of dcv.conf a value, after a yes; all else in it stays as it is')
      .argument('<agent|section/key=value...>', `${AGENTS}; and settings with their values`),
  )
    .addHelpText(
      'after',
      '\nText needs no quotes; lists are written as dcv.conf has them. The file before is kept on the agent, in\n' +
        '/var/lib/dcvops/dcv-conf.\n' +
        '\nExamples:\n  dcvops dcv config set agent1 connectivity/idle-timeout=120\n' +
        '  dcvops dcv config set @gpu security/authentication=system --restart\n' +
        `  dcvops dcv config set agent1 "display/linux/gl-displays=[':0.0', ':0.1']"\n`,
    )
    .action(
      action(async (context, words: string[], flags: ChangeFlags) => {
        const { agents, settings } = await splitWords(
          context,
          words,
          'dcvops dcv config set AGENT SECTION/KEY=VALUE',
        );
        requireSettings(settings, 'dcvops dcv config set AGENT SECTION/KEY=VALUE');
        const { eachOnce, readAssignment } = await import('../../dcv/conf/settings.ts');
        const wanted = eachOnce(settings.map(readAssignment));
        return changeSettings(context, agents, wanted, flags, 'set', settings);
      }),
    );
}

function registerUnset(config: Command): void {
  addChangeFlags(
    config
      .command('unset')
      .description('take settings out of dcv.conf, so that DCV’s defaults count')
      .argument('<agent|section/key...>', `${AGENTS}; and settings`),
  ).action(
    action(async (context, words: string[], flags: ChangeFlags) => {
      const { agents, settings } = await splitWords(
        context,
        words,
        'dcvops dcv config unset AGENT SECTION/KEY',
      );
      requireSettings(settings, 'dcvops dcv config unset AGENT SECTION/KEY');
      const { eachOnce, readSettingName } = await import('../../dcv/conf/settings.ts');
      const wanted = eachOnce(settings.map((name) => ({ ...readSettingName(name), value: undefined })));
      return changeSettings(context, agents, wanted, flags, 'unset', settings);
    }),
  );
}

function registerDiff(config: Command): void {
  config
    .command('diff')
    .description('what differs from DCV’s defaults; of several agents: between them')
    .argument('<agent...>', AGENTS)
    .addHelpText(
      'after',
      '\nExamples:\n  dcvops dcv config diff agent1\n  dcvops dcv config diff agent1 agent2\n',
    )
    .action(
      action(async (context, patterns: string[]) => {
        const { compareConfigs } = await import('../../operations/dcv-config/read.ts');
        const differences = await withAgents(context, patterns, (fleet, hosts) =>
          compareConfigs({ ...context, connect: fleet.connect }, hosts),
        );
        if (context.json) context.printJson(differences);
        else await printDifferences(context, differences);
        return 0;
      }),
    );
}

/** What names a setting holds a slash or an equals sign, as no agent's name does, or is a key that no agent is called. */
async function splitWords(
  context: CliContext,
  words: readonly string[],
  example: string,
): Promise<{ readonly agents: string[]; readonly settings: string[] }> {
  const { isShortName } = await import('../../dcv/conf/settings.ts');
  const keys = words.filter(isShortName);
  const inventory = keys.length === 0 ? undefined : await readInventory(context);
  const isAgent = (word: string): boolean => inventory?.agents.some(({ name }) => name === word) === true;
  const isSetting = (word: string): boolean => /[/=]/.test(word) || (keys.includes(word) && !isAgent(word));
  const agents = words.filter((word) => !isSetting(word));
  if (agents.length === 0) throw new DcvopsError('usage', 'no agent is named', { hint: example });
  return { agents, settings: words.filter(isSetting) };
}

function requireSettings(settings: readonly string[], example: string): void {
  if (settings.length > 0) return;
  throw new DcvopsError('usage', 'no setting is named', { hint: example });
}

async function changeSettings(
  context: CliContext,
  patterns: readonly string[],
  wanted: readonly WantedSetting[],
  flags: ChangeFlags,
  verb: 'set' | 'unset',
  typed: readonly string[],
): Promise<number> {
  const [{ warningsAbout }, { shownAssignment }, { mask }, { quote }] = await Promise.all([
    import('../../dcv/conf/settings.ts'),
    import('../../dcv/conf/shown-settings.ts'),
    import('../../logs/mask.ts'),
    import('../../shell/shell.ts'),
  ]);
  for (const message of verb === 'set' ? warningsAbout(wanted) : []) {
    context.emit({ type: 'note', level: 'warning', message });
  }
  return changingConfigs(context, patterns, flags, async (config, agents, options) => {
    const { changeConfigs } = await import('../../operations/dcv-config/change.ts');
    const words = wanted.map((setting, at) => shownAssignment(setting, typed[at] ?? setting.name, mask));
    const goal = {
      wantedOn: () => ({ wanted, notes: [] }),
      commandFor: ({ name }: { readonly name: string }) =>
        `dcvops dcv config ${verb} ${[quote(name), ...words].join(' ')}`,
    };
    return changeConfigs(config, agents, goal, options);
  });
}

async function withAgents<T>(
  context: CliContext,
  patterns: readonly string[],
  use: (fleet: Fleet, agents: readonly AgentHost[]) => Promise<T>,
): Promise<T> {
  return usingFleet(context, async (fleet) => {
    const { selectHosts } = await import('../../inventory/select.ts');
    return use(fleet, selectHosts(fleet.inventory, patterns, 'agent'));
  });
}

async function printSettings(context: CliContext, configs: readonly AgentConfig[]): Promise<void> {
  const { formatTable } = await import('../../report/table.ts');
  const { dim } = context.style;
  const rows = configs.flatMap(({ agent, settings }) => settings.map((one) => ({ agent, ...one })));
  if (rows.length > 0) {
    context.print(
      formatTable(
        [
          ...(configs.length > 1 ? [{ heading: 'AGENT', cell: (row: Row) => row.agent }] : []),
          { heading: 'SETTING', cell: (row: Row) => row.name },
          { heading: 'VALUE', cell: (row: Row) => row.text ?? '-', style: context.style.bold },
          { heading: 'FROM', cell: ({ from }: Row) => from, style: dim },
          { heading: 'A CHANGE COUNTS', cell: ({ reload }: Row) => WHEN[reload ?? 'unknown'], style: dim },
        ],
        rows,
      ),
    );
  } else if (configs.some(({ problem }) => problem === undefined)) {
    context.print('Nothing is set: DCV’s defaults count.\n');
  }
  for (const { agent, name, problem } of rows) {
    if (problem !== undefined) warnOf(context, agent, name, problem);
  }
}

/** Of what dcv.conf says and DCV does not take. */
function warnOf(context: CliContext, host: string, name: string, problem: string): void {
  context.emit({
    type: 'note',
    level: 'warning',
    host,
    message: `dcv.conf sets ${name} to what it can’t be, so the default counts: it has to be ${problem}`,
  });
}

type Row = ShownSetting & { readonly agent: string };

const WHEN = {
  live: 'within seconds',
  connection: 'for the next connection',
  session: 'for the next session',
  restart: 'after a restart of dcvserver',
  unknown: '?',
} as const;

async function printDifferences(context: CliContext, { agents, settings }: ConfigDifferences): Promise<void> {
  if (settings.length === 0) {
    if (agents.length === 1) context.print(`${agents.join('')}: DCV’s defaults, and nothing else.\n`);
    if (agents.length > 1) context.print('No differences.\n');
    return;
  }
  const { formatTable } = await import('../../report/table.ts');
  type Line = ConfigDifferences['settings'][number];
  context.print(
    formatTable(
      [
        { heading: 'SETTING', cell: (row: Line) => row.name },
        ...(agents.length === 1 ? [{ heading: 'DEFAULT', cell: (row: Line) => row.byDefault ?? '-' }] : []),
        ...agents.map((agent) => ({
          heading: agent.toUpperCase(),
          cell: (row: Line) => row.values[agent] ?? '-',
          style: context.style.bold,
        })),
      ],
      settings,
    ),
  );
  for (const { name, problems } of settings) {
    for (const [agent, problem] of Object.entries(problems)) warnOf(context, agent, name, problem);
  }
}
