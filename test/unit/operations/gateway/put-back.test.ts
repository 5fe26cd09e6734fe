import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../../src/errors.ts';
import type { FileChange } from '../../../../src/gateway/proxy-facts.ts';
import { LIVE_FILE } from '../../../../src/gateway/release.ts';
import { renderGateway } from '../../../../src/gateway/render.ts';
import type { Inventory } from '../../../../src/inventory/types.ts';
import { putBack, whatIsBack } from '../../../../src/operations/gateway/put-back.ts';
import type { OutcomeEvent } from '../../../../src/report/events.ts';
import type { Remote } from '../../../../src/ssh/remote.ts';
import { gatewaySettings, proxy, twoAgents } from '../../gateway/inventories.ts';

const { config, releaseId } = renderGateway(twoAgents());
const write = (path: string, content: string): FileChange => ({ kind: 'write', path, mode: '644', content });

describe('what is told to be there again', () => {
  it.each<[files: FileChange[], told: string]>([
    [[write(LIVE_FILE, config)], `release ${releaseId} is live again`],
    [
      [write(LIVE_FILE, config + '# mine\n')],
      `release ${releaseId}, as it was edited by hand, is live again`,
    ],
    [
      [
        { kind: 'remove', path: LIVE_FILE },
        write('/etc/nginx/conf.d/old.conf', 'server {\n  listen 8443 ssl;\n}\n'),
      ],
      'the nginx files that were there before are live again',
    ],
    [[{ kind: 'remove', path: LIVE_FILE }], 'no gateway is there, as before'],
  ])('%#: %s', (files, told) => {
    expect(whatIsBack({ release: 'x', files }, 8443)).toBe(told);
  });
});

/** A host that tells these lines when it is read, and then ends. */
function hostThatTells(lines: string): Remote {
  return {
    name: 'gateway',
    converse: () =>
      Promise.resolve({
        stdout: (async function* () {
          yield await Promise.resolve(Buffer.from(lines));
        })(),
        finished: Promise.resolve({ code: 0, stderr: '' }),
        write: () => Promise.resolve(),
        end: () => undefined,
      }),
    tunnel: () => Promise.reject(new Error('no tunnel here')),
  } as unknown as Remote;
}

/** Nothing answers on the gateway's port: nobody listens on port 1 of this machine. */
function putBackOn(connect: () => Promise<Remote>): Promise<OutcomeEvent> {
  return putBack(
    {
      inventory: {
        gateway: gatewaySettings({ listen: { address: undefined, port: 1 } }),
        agents: [],
      } as unknown as Inventory,
      connect,
      emit: () => undefined,
      confirm: () => Promise.reject(new Error('nobody is asked')),
      signal: AbortSignal.abort(),
      who: 'anna@laptop',
    },
    proxy('127.0.0.1'),
    { release: 'new', before: 'edited-0123456789ab' },
    {
      dryRun: false,
      takeOver: true,
      force: true,
      allowOpen: false,
      prepareHost: true,
      lockWaitSeconds: 1,
      confirmSeconds: 1,
    },
    'gateway2 failed',
  );
}

describe('a proxy that cannot be given back what it had', () => {
  const hint = 'dcvops rollback gateway --to edited-0123456789ab   (what was there before)';

  it('says what is live there and what to type', async () => {
    const lost = new DcvopsError('unreachable', 'no answer', { hint: 'is it on?' });
    expect(await putBackOn(() => Promise.reject(lost))).toEqual({
      type: 'outcome',
      host: 'gateway',
      outcome: 'unreachable',
      message:
        'gateway2 failed, but what was there before did not come back here: no answer\nLast seen live there: release new.',
      hint,
    });
  });

  it.each([
    [`live\n|${config.trimEnd().replaceAll('\n', '\n|')}\n|.\n.\n`, `release ${releaseId}`],
    ['', 'a file that is not from dcvops, or none'],
  ])('keeps what somebody else put there meanwhile (%#)', async (told, live) => {
    const outcome = await putBackOn(() => Promise.resolve(hostThatTells(`${told}ready\n|\n.\n`)));
    expect(outcome).toMatchObject({ outcome: 'failed', hint });
    expect(outcome.message).toContain('somebody else changed the gateway meanwhile. Nothing changed.');
    expect(outcome.message).toContain(`Last seen live there: ${live}.`);
  });
});
