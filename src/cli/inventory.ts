import type { Command } from 'commander';
import type { Inventory } from '../inventory/types.ts';
import { sanitise } from '../report/sanitise.ts';
import { type CliContext, action } from './context.ts';
import { readInventory } from './fleet.ts';

export function registerInventory(program: Command): void {
  const group = program
    .command('inventory')
    .description('check and print the inventory')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  dcvops inventory validate\n' +
        '  dcvops inventory show --json\n' +
        '  dcvops inventory schema > inventory/dcvops.schema.json\n',
    );
  group
    .command('validate')
    .description('read the inventory and list every problem with its line')
    .action(action(validate));
  group
    .command('show')
    .description('print what dcvops makes of it: defaults filled in, settings merged (YAML, or --json)')
    .action(action(show));
  group
    .command('schema')
    .description('print the JSON Schema, for editors')
    .action(
      action(async (context) => {
        const { jsonSchemaText } = await import('../inventory/json-schema.ts');
        context.print(jsonSchemaText());
        return 0;
      }),
    );
}

async function validate(context: CliContext): Promise<number> {
  const inventory = await readInventory(context);
  const { file, proxies, agents } = inventory;
  if (context.json) {
    context.printJson({ file, valid: true, proxies: proxies.length, agents: agents.length });
  } else {
    context.print(`${context.style.good('✔')} ${file}: ${summary(inventory)}\n`);
  }
  return 0;
}

function summary({ proxies, agents, gateway }: Inventory): string {
  const { allow } = gateway.access;
  return [
    count(proxies.length, 'proxy', 'proxies'),
    count(agents.length, 'agent', 'agents'),
    `agents in ${gateway.agentNetworks.join(', ')}`,
    `open to ${allow === 'any' ? 'everyone' : allow.join(', ')}`,
  ].join(', ');
}

function count(number: number, one: string, several: string): string {
  return `${number} ${number === 1 ? one : several}`;
}

async function show(context: CliContext): Promise<number> {
  const inventory = await readInventory(context);
  const { showInventory, showInventoryAsYaml } = await import('../inventory/show.ts');
  if (context.json) context.printJson(showInventory(inventory));
  else context.print(sanitise(showInventoryAsYaml(inventory)));
  return 0;
}
