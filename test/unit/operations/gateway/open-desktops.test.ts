import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../../src/errors.ts';
import type { AgentHost } from '../../../../src/inventory/types.ts';
import {
  agentsOpenToEverybody,
  refuseOpenDesktops,
} from '../../../../src/operations/gateway/open-desktops.ts';
import type { OperationEvent } from '../../../../src/report/events.ts';
import type { Remote } from '../../../../src/ssh/remote.ts';
import {
  type GatewayChanges,
  agent,
  gatewaySettings,
  inventoryWith,
  proxy,
} from '../../gateway/inventories.ts';

const NONE = '[security]\nauthentication="none"\n';
const SYSTEM = '[security]\nauthentication="system"\n';
const OPEN: GatewayChanges = { access: { allow: 'any' } };

/** Deploys before agents whose dcv.conf says this; undefined: it can't be reached. */
async function deploying(
  confs: Record<string, string | undefined>,
  { gateway = OPEN, dryRun = false, allowOpen = false } = {},
  access?: AgentHost['access'],
): Promise<{ refusal: DcvopsError | undefined; told: string[]; asked: string[] }> {
  const agents = Object.keys(confs).map((name, index) =>
    agent(name, `10.150.248.${index + 1}`, access === undefined ? {} : { access }),
  );
  const events: OperationEvent[] = [];
  const asked: string[] = [];
  const refusal = await refuseOpenDesktops(
    {
      inventory: inventoryWith(proxy(), agents, gatewaySettings(gateway)),
      emit: (event) => events.push(event),
      connect({ name }) {
        asked.push(name);
        const stdout = confs[name];
        if (stdout === undefined) {
          return Promise.reject(new DcvopsError('unreachable', 'connection refused', { host: name }));
        }
        return Promise.resolve({ run: () => Promise.resolve({ stdout }) } as unknown as Remote);
      },
    },
    { allowOpen, dryRun },
  ).then(
    () => undefined,
    (error: unknown) => error as DcvopsError,
  );
  const told = events.flatMap((event) =>
    event.type === 'note' ? [`${event.host ?? ''} ${event.level}: ${event.message}`] : [],
  );
  return { refusal, told, asked };
}

// Whoever finds the gateway's address would work in somebody's session.
describe('a gateway that is open to everybody', () => {
  it('is not put before an agent that asks for no password, and it says why', async () => {
    const { refusal, told } = await deploying({ agent1: NONE, agent2: SYSTEM });
    expect(refusal?.message).toBe(
      'agent1 lets everyone in without a password (authentication="none" in /etc/dcv/dcv.conf), and gateway.access.allow is any. Nothing changed.',
    );
    expect(refusal?.hint).toContain('dcvops deploy --allow-open');
    expect(told).toEqual([]);
  });

  it('is refused once, naming all such agents', async () => {
    const { refusal } = await deploying({ agent1: NONE, agent2: SYSTEM, agent3: NONE });
    expect(refusal?.message).toMatch(/^agent1, agent3 let everyone in/);
  });

  it.each([
    ['the password is asked for', SYSTEM],
    ['nothing is said: DCV asks for the password', '[security]\n'],
    ['DCV takes its default for what it does not know', '[security]\nauthentication=off\n'],
    ['the key is another section’s', '[connectivity]\nauthentication="none"\n'],
    ['there is no dcv.conf', ''],
  ])('is fine where %s', async (_, conf) => {
    expect(await deploying({ agent1: conf })).toEqual({ refusal: undefined, told: [], asked: ['agent1'] });
  });

  it('goes on where an agent cannot be asked, and tells which and why', async () => {
    const { refusal, told } = await deploying({ agent1: undefined, agent2: SYSTEM });
    expect(refusal).toBeUndefined();
    expect(told).toEqual([
      'agent1 warning: the gateway is open to everybody, and whether this agent asks for a password is not known: connection refused',
    ]);
  });

  it('is a warning in a dry run', async () => {
    const { refusal, told } = await deploying({ agent1: NONE }, { dryRun: true });
    expect(refusal).toBeUndefined();
    expect(told).toEqual([
      expect.stringMatching(/^ warning: agent1 lets everyone in .* A deploy would be refused\.$/),
    ]);
  });

  it('asks no agent when it is meant', async () => {
    expect((await deploying({ agent1: NONE }, { allowOpen: true })).asked).toEqual([]);
  });
});

describe('agents that everybody would get to', () => {
  it.each<[string, GatewayChanges, AgentHost['access'] | undefined, number]>([
    ['behind an open gateway', OPEN, undefined, 1],
    [
      'behind one that is open but for some',
      { access: { allow: 'any', deny: ['192.0.2.0/24'] } },
      undefined,
      1,
    ],
    ['behind one for some', { access: { allow: ['10.0.0.0/8'] } }, undefined, 0],
    ['behind one that asks for a login', { access: { allow: 'any', basic: true } }, undefined, 0],
    ['with networks of its own', OPEN, { allow: ['10.0.0.0/8'], deny: [] }, 0],
    ['refusing some', OPEN, { allow: 'any', deny: ['10.0.0.0/8'] }, 1],
  ])('%s', (_, gateway, access, count) => {
    const agents = [agent('agent1', '10.150.248.180', access === undefined ? {} : { access })];
    expect(agentsOpenToEverybody({ gateway: gatewaySettings(gateway), agents })).toHaveLength(count);
  });
});
