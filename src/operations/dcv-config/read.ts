import pLimit from 'p-limit';
import { fileOf } from '../../dcv/conf/decide-change.ts';
import { readConfFile } from '../../dcv/conf/file.ts';
import { dcvKey } from '../../dcv/conf/keys.ts';
import { type Setting, type SettingName, settingsOf } from '../../dcv/conf/settings.ts';
import { type ShownSetting, differingNames, shownSetting } from '../../dcv/conf/shown-settings.ts';
import type { AgentHost } from '../../inventory/types.ts';
import { mask } from '../../logs/mask.ts';
import { parseRecords } from '../../shell/records.ts';
import { outcomeOf } from '../outcome.ts';
import type { SessionContext } from '../session/context.ts';

/** What reading settings works with. */
export type ConfigReadContext = Pick<SessionContext, 'connect' | 'emit' | 'concurrency'>;

/** The settings of one agent. */
export interface AgentConfig {
  /** The agent's name and address. */
  readonly agent: string;
  readonly address: string;
  readonly settings: readonly ShownSetting[];
  /** Why there are none to tell; undefined when the agent answered. */
  readonly problem: string | undefined;
}

/**
 * Reads what counts on agents, side by side, in the order they were given. An agent that can't be asked gets an outcome of
 * its own, which never stops the others.
 * @param names undefined: all settings that are documented or set
 */
export async function readConfigs(
  context: ConfigReadContext,
  agents: readonly AgentHost[],
  names?: readonly SettingName[],
): Promise<AgentConfig[]> {
  const read = await readAll(context, agents, names);
  return read.map(({ agent, settings, problem }) => ({
    agent: agent.name,
    address: agent.host,
    settings: settings.map((one) => shownSetting(one, mask)),
    problem,
  }));
}

/** Settings that agents have not in common; of one agent, those that are not DCV's defaults; and what DCV does not take. */
export interface ConfigDifferences {
  /** Those that answered, in the order they were given. */
  readonly agents: readonly string[];
  readonly settings: readonly {
    readonly name: string;
    /** As dcv.conf would have it; undefined where none is documented. */
    readonly byDefault: string | undefined;
    /**
     * By the agents' names: what counts, or what is written though it can't count; an agent on which nothing is set and no
     * default is known has none.
     */
    readonly values: Readonly<Record<string, string>>;
    /** By the agents' names: why what is written does not count, and DCV's default does: what it would have to be. */
    readonly problems: Readonly<Record<string, string>>;
  }[];
}

/** Reads agents as {@link readConfigs} does, and compares them. */
export async function compareConfigs(
  context: ConfigReadContext,
  agents: readonly AgentHost[],
): Promise<ConfigDifferences> {
  const read = await readAll(context, agents, undefined);
  const answered = read.filter(({ problem }) => problem === undefined);
  // one agent of several that failed is not to be compared with the defaults
  const compared = agents.length > 1 && answered.length < 2 ? [] : answered;
  const names = differingNames(compared.map(({ settings }) => settings));
  return {
    agents: compared.map(({ agent }) => agent.name),
    settings: names.map((name) => {
      const byAgent = (textOf: (setting: Setting) => string | undefined): Record<string, string> =>
        Object.fromEntries(
          compared.flatMap(({ agent, settings }) => {
            const setting = settings.find((one) => one.name === name);
            const text = setting === undefined ? undefined : textOf(setting);
            return text === undefined ? [] : [[agent.name, text]];
          }),
        );
      return {
        name,
        byDefault: dcvKey(name)?.byDefault,
        values: byAgent(shownAsSet),
        problems: byAgent(({ problem }) => problem),
      };
    }),
  };
}

/** What counts, or what is written in its stead. */
function shownAsSet(setting: Setting): string | undefined {
  const { text, written, problem } = setting;
  return shownSetting({ ...setting, text: problem === undefined ? text : written }, mask).text;
}

interface ReadAgent {
  readonly agent: AgentHost;
  readonly settings: readonly Setting[];
  readonly problem: string | undefined;
}

async function readAll(
  { connect, emit, concurrency }: ConfigReadContext,
  agents: readonly AgentHost[],
  names: readonly SettingName[] | undefined,
): Promise<ReadAgent[]> {
  const limit = pLimit(concurrency);
  const readOne = async (agent: AgentHost): Promise<ReadAgent> => {
    try {
      const remote = await connect(agent);
      const { stdout } = await remote.run(readConfFile());
      // values are for people
      const conf = Buffer.from(fileOf(agent.name, parseRecords(stdout)).text, 'latin1').toString('utf8');
      return { agent, settings: settingsOf(conf, names), problem: undefined };
    } catch (error) {
      const outcome = outcomeOf(error, agent.name);
      emit(outcome);
      return { agent, settings: [], problem: outcome.message };
    }
  };
  return Promise.all(agents.map((agent) => limit(() => readOne(agent))));
}
