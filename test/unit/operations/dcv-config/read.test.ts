import { describe, expect, it } from 'vitest';
import { type ConfigDifferences, compareConfigs } from '../../../../src/operations/dcv-config/read.ts';
import { type Answer, scriptedAgents } from '../scripted-agents.ts';

const told = (conf: string): Answer => [
  ['conf', Buffer.from(conf).toString('base64')],
  ['conf-mode', '644 root:root'],
];

async function compared(confs: Readonly<Record<string, string>>): Promise<ConfigDifferences> {
  const answers = Object.entries(confs).map(([name, conf]) => [name, [told(conf)]] as const);
  const { context, agents } = scriptedAgents(Object.fromEntries(answers));
  return compareConfigs(context, agents);
}

/* Somebody who compares agents looks for what is wrong on one of them. */
describe('compareConfigs', () => {
  const WRONG = '[connectivity]\nidle-timeout="soon"\nweb-extra-http-headers="s3cret"\n';

  it('shows what is written though DCV does not take it, and no secret', async () => {
    const differences = await compared({ agent1: WRONG });
    expect(differences.settings).toEqual([
      {
        name: 'connectivity/web-extra-http-headers',
        byDefault: '[]',
        values: { agent1: '***' },
        problems: { agent1: expect.stringContaining('a list of pairs') as string },
      },
      {
        name: 'connectivity/idle-timeout',
        byDefault: '60',
        values: { agent1: '"soon"' },
        problems: { agent1: 'a whole number' },
      },
    ]);
  });

  it('shows it also between agents whose default it is', async () => {
    const { settings } = await compared({
      agent1: '[connectivity]\nidle-timeout="soon"\n',
      agent2: '[connectivity]\nidle-timeout=60\n',
    });
    expect(settings).toEqual([
      {
        name: 'connectivity/idle-timeout',
        byDefault: '60',
        values: { agent1: '"soon"', agent2: '60' },
        problems: { agent1: 'a whole number' },
      },
    ]);
  });
});
