import { type Command, InvalidArgumentError } from 'commander';
import { DcvopsError } from '../errors.ts';
import type { AgentHost, AgentState } from '../inventory/types.ts';
import type { AgentContext } from '../operations/agent/context.ts';
import { type CliContext, type Display, action } from './context.ts';
import { usingFleet } from './fleet.ts';
import { whoAmI } from './gateways.ts';

interface EditFlags {
  readonly dryRun?: boolean;
}

interface AddFlags extends EditFlags {
  readonly tag: readonly string[];
  readonly user?: string;
  readonly port?: number;
  readonly jump?: string;
  readonly network?: string;
  readonly probe: boolean;
}

interface StateFlags extends EditFlags {
  readonly deploy?: boolean;
}

const EVENTS: Display = { json: 'events', steps: true };

export function registerAgent(program: Command): void {
  const agent = program
    .command('agent')
    .description('the agents: add, remove, take out of service; the inventory keeps its comments and style');
  registerAdd(agent);
  registerRemove(agent);
  for (const change of STATES) registerState(agent, change);
  registerPin(agent);
}

function registerAdd(agent: Command): void {
  agent
    .command('add')
    .description('add an agent to the inventory; inside gateway.agent_networks it needs no deploy')
    .argument('<name>', 'what commands call it, also as https://PROXY:8443/NAME/')
    .argument('<address>', 'its IP address, as the proxies reach it')
    .option('--tag <tag>', 'a tag to pick several hosts by; may be repeated', collected, [])
    .option('--user <user>', 'SSH user, where the inventory’s defaults are not right')
    .option('--port <n>', 'SSH port', port)
    .option('--jump <host>', 'host of the inventory to go through by SSH')
    .option('--network <cidr>', 'add this network to gateway.agent_networks (needs a deploy)')
    .option('--no-probe', 'do not ask the gateway for it afterwards')
    .option('--dry-run', 'show the change of the inventory, write nothing')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  dcvops agent add agent3 10.150.248.7\n' +
        '  dcvops agent add gpu1 10.150.249.7 --tag gpu --network 10.150.249.0/24\n',
    )
    .action(
      action(async (context, name: string, address: string, flags: AddFlags) => {
        const { tag, user, port: sshPort, jump } = flags;
        await usingAgents(context, async (agents) => {
          const { addAgent } = await import('../operations/agent/add.ts');
          await addAgent(
            agents,
            { name, host: address, tags: [...new Set(tag)], ssh: { user, port: sshPort, jump } },
            { dryRun: flags.dryRun === true, network: flags.network, probe: flags.probe },
          );
        });
        return 0;
      }, EVENTS),
    );
}

function registerRemove(agent: Command): void {
  agent
    .command('remove')
    .description('remove agents from the inventory; their desktops go on')
    .argument('<agent...>', 'agents of the inventory by name, address, glob or @tag')
    .option('--dry-run', 'show the change of the inventory, write nothing')
    .action(
      action(async (context, patterns: string[], flags: EditFlags) => {
        await usingAgents(context, async (agents) => {
          const { removeAgents } = await import('../operations/agent/remove.ts');
          await removeAgents(agents, await namedAgents(agents, patterns), { dryRun: flags.dryRun === true });
        });
        return 0;
      }, EVENTS),
    );
}

interface StateCommand {
  readonly name: string;
  readonly description: string;
  readonly state: AgentState;
}

const STATES: readonly StateCommand[] = [
  {
    name: 'drain',
    description: 'no new clients by the default route; paths and open desktops go on',
    state: 'draining',
  },
  {
    name: 'maintenance',
    description: 'have the gateway answer 503 in an agent’s place, with a page that says so',
    state: 'maintenance',
  },
  { name: 'resume', description: 'put agents back into service', state: 'in-service' },
];

function registerState(agent: Command, { name, description, state }: StateCommand): void {
  agent
    .command(name)
    .description(description)
    .argument('<agent...>', 'agents of the inventory by name, address, glob or @tag')
    .option('--deploy', 'deploy without asking where the pool of gateway.default changes')
    .option('--dry-run', 'show the change of the inventory, write nothing')
    .action(
      action(async (context, patterns: string[], flags: StateFlags) => {
        await usingAgents(context, async (agents) => {
          const { setAgentStates } = await import('../operations/agent/state.ts');
          await setAgentStates(agents, await namedAgents(agents, patterns), state, {
            dryRun: flags.dryRun === true,
            deploy: flags.deploy === true,
          });
        });
        return 0;
      }, EVENTS),
    );
}

function registerPin(agent: Command): void {
  agent
    .command('pin')
    .description('pin the agents’ certificates, read over SSH, for gateway.verify_agents')
    .argument('[agent...]', 'agents of the inventory by name, address, glob or @tag; default: all')
    .option('--replace', 'pin the certificate that is there now in the place of another one')
    .action(
      action(async (context, patterns: string[], flags: { readonly replace?: boolean }) => {
        await usingAgents(context, async (agents) => {
          const { pinAgents } = await import('../operations/agent/pin.ts');
          await pinAgents(
            { ...agents, concurrency: context.concurrency },
            await namedAgents(agents, patterns),
            { replace: flags.replace === true },
          );
        });
        return 0;
      }, EVENTS),
    );
}

/** Lends what the operations on the inventory's agents need. Ctrl-C is theirs to handle, as it is for a deploy. */
async function usingAgents(context: CliContext, use: (agents: AgentContext) => Promise<void>): Promise<void> {
  context.finishWhoeverReads();
  await usingFleet(
    context,
    async ({ inventory, connect }) => {
      const { emit, ask, signal } = context;
      await use({
        inventory,
        connect,
        emit,
        confirm: (question) => ask.confirm(question),
        signal,
        who: whoAmI(),
        roots: async () => (await import('../gateway/trusted-roots.ts')).trustedRoots(),
      });
    },
    { onInterrupt: 'operation' },
  );
}

/** The agents that patterns name. @throws DcvopsError `usage` for an address alone: it has no entry that could be edited */
async function namedAgents({ inventory }: AgentContext, patterns: readonly string[]): Promise<AgentHost[]> {
  const { selectHosts } = await import('../inventory/select.ts');
  const agents = selectHosts(inventory, patterns, 'agent');
  const unnamed = agents.find(({ adHoc }) => adHoc);
  if (unnamed === undefined) return agents;
  throw new DcvopsError('usage', `${unnamed.host} is not in the inventory`, {
    hint: `dcvops agent add NAME ${unnamed.host}`,
  });
}

function collected(tag: string, earlier: readonly string[]): string[] {
  return [...earlier, tag];
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value >= 1 && value <= 65_535) return value;
  throw new InvalidArgumentError('It must be a port from 1 to 65535.');
}
