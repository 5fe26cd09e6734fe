import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../../src/errors.ts';
import type { HealthContext, HealthEvent } from '../../../../src/operations/health/types.ts';
import { watchHealth } from '../../../../src/operations/health/watch-health.ts';
import type { NoteEvent } from '../../../../src/report/events.ts';
import type { Remote } from '../../../../src/ssh/remote.ts';
import { agent, gatewaySettings, inventoryWith, proxy } from '../../gateway/inventories.ts';

const GATEWAY = proxy();
const AGENT = agent('a', '10.150.248.1');
const OPTIONS = { downAfter: 1, upAfter: 1, needsSession: false, dryRun: false, now: false };

const LOST = new DcvopsError('unreachable', 'the connection was lost', {
  hint: 'dcvops doctor gateway',
});

/** What comes of connecting to the proxy. A round that goes well asks for the connection twice. */
type Connecting = 'lost' | 'well' | 'refuses the login' | 'hangs';
const GOOD_ROUND = ['well', 'well'] as const;

interface Watched {
  readonly notes: readonly NoteEvent[];
  readonly told: readonly HealthEvent[];
}

/** A proxy that is well reaches no agent. The watch ends when all this has happened, as Ctrl-C ends it. */
async function watch(happens: readonly Connecting[], end?: (abort: () => void) => void): Promise<Watched> {
  const abort = new AbortController();
  const notes: NoteEvent[] = [];
  const told: HealthEvent[] = [];
  let attempts = 0;
  const connect = (): Promise<Remote> => {
    const now = happens[attempts];
    attempts += 1;
    if (now === undefined) abort.abort();
    if (now === 'lost') return Promise.reject(LOST);
    if (now === 'refuses the login') return Promise.reject(new DcvopsError('login', 'the key is refused.'));
    if (now !== 'hangs') return Promise.resolve(WELL);
    end?.(() => {
      abort.abort();
    });
    return new Promise(() => undefined);
  };
  const context: HealthContext = {
    inventory: inventoryWith(GATEWAY, [AGENT], gatewaySettings()),
    connect,
    emit: (event) => {
      if (event.type === 'note') notes.push(event);
    },
    tell: (event) => told.push(event),
    who: 'anna@laptop',
    signal: abort.signal,
    concurrency: 8,
  };
  await watchHealth(context, [GATEWAY], 1, OPTIONS);
  return { notes, told };
}

const never = (): never => {
  throw new Error('not expected');
};
const MARKS = { before: '', after: '', now: '2026-01-01T12:00:00Z', reloaded: '' };
const WELL: Remote = {
  name: GATEWAY.name,
  run: () => {
    const records = Object.entries(MARKS).map(([name, value]) => `${name}\n|${value}\n.\n`);
    return Promise.resolve({ code: 0, stdout: records.join(''), stderr: '' });
  },
  tunnel: () =>
    Promise.reject(new DcvopsError('failed', 'no connection from the host to 10.150.248.1:8443: refused')),
  converse: never,
  follow: never,
  close: () => undefined,
};

// Nobody looks at a watch for weeks: one that ends with a lost connection, or says nothing of it, watches nobody.
describe('a watch over the agents', () => {
  it('goes on when the proxy is lost, and tells it once, and once that it is well again', async () => {
    const { notes } = await watch([...GOOD_ROUND, 'lost', 'lost', 'lost', ...GOOD_ROUND, ...GOOD_ROUND]);
    expect(notes).toEqual([
      {
        type: 'note',
        level: 'warning',
        host: 'gateway',
        message: 'the connection was lost. Trying again every 0.001 s.',
        hint: 'dcvops doctor gateway',
      },
      { type: 'note', level: 'info', host: 'gateway', message: 'well again' },
    ]);
  });

  it('tells another trouble with the same proxy', async () => {
    const { notes } = await watch(['lost', 'refuses the login', 'refuses the login', 'lost']);
    expect(notes.map(({ message }) => message.replace(/ Trying.*/, ''))).toEqual([
      'the connection was lost.',
      'the key is refused.',
      'the connection was lost.',
    ]);
  });

  it('tells an agent that is spared once, in whatever round', async () => {
    const { told } = await watch([...GOOD_ROUND, ...GOOD_ROUND, 'lost', ...GOOD_ROUND, ...GOOD_ROUND]);
    expect(told).toMatchObject([{ type: 'health', agent: 'a', state: 'spared' }]);
  });

  it('ends at the signal, also while a host keeps it waiting, and tells nothing more', async () => {
    const { notes } = await watch([...GOOD_ROUND, 'hangs'], (abort) => {
      setImmediate(abort);
    });
    expect(notes).toEqual([]);
  });

  it('ends with what no host is to blame for', async () => {
    const inventory = inventoryWith(GATEWAY, [AGENT], gatewaySettings());
    const broken = (): Promise<Remote> => Promise.reject(new DcvopsError('inventory', 'no key file'));
    const context: HealthContext = {
      ...{ inventory, connect: broken, emit: never, tell: never, who: 'anna@laptop', concurrency: 8 },
      signal: new AbortController().signal,
    };
    await expect(watchHealth(context, [GATEWAY], 1, OPTIONS)).rejects.toThrow('no key file');
  });
});
