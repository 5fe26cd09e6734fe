import { DcvopsError } from '../../errors.ts';
import { withAnyMark } from '../../gateway/agent-marks.ts';
import { POOL_FILE, markPool } from '../../gateway/config/default-agents.ts';
import type { Target } from '../../gateway/decide.ts';
import { isHandEdited } from '../../gateway/drift.ts';
import type { FileChange, ProxyFacts } from '../../gateway/proxy-facts.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import { changeGateway } from '../gateway/change.ts';
import type { HealthContext } from './types.ts';

const OPTIONS = {
  dryRun: false,
  takeOver: false,
  force: false,
  allowOpen: false,
  prepareHost: false,
  lockWaitSeconds: 20,
  confirmSeconds: 30,
} as const;

/**
 * Has nginx read again which agents of the pool are marked, by the same safe transaction as a deploy; the release that is
 * live stays. Asks nothing, and tells warnings only.
 * @throws DcvopsError as a deploy does, in words that leave the marks where they are; `failed` where the live file is none
 *   that dcvops wrote
 */
export async function changePool(context: HealthContext, proxy: ProxyHost): Promise<void> {
  try {
    await changeLive(context, proxy);
  } catch (error) {
    throw error instanceof DcvopsError ? asNotFollowing(error, proxy.name) : error;
  }
}

/** The marks did change, whatever became of the pool. */
function asNotFollowing(error: DcvopsError, host: string): DcvopsError {
  const message = error.message.replaceAll(/ Nothing changed\./g, '');
  return new DcvopsError(error.code, `the pool does not follow yet: ${message}`, {
    host: error.host ?? host,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

async function changeLive(context: HealthContext, proxy: ProxyHost): Promise<void> {
  await changeGateway(
    {
      ...context,
      confirm: () => Promise.resolve(false),
      emit(event) {
        if (event.type === 'script' || (event.type === 'note' && event.level === 'warning'))
          context.emit(event);
      },
    },
    proxy,
    {
      wantedRelease: undefined,
      command: `dcvops deploy ${proxy.name}`,
      prepares: false,
      comparesAgents: true,
      showsDiff: false,
      target: (facts) => liveTarget(proxy.name, facts),
    },
    OPTIONS,
  );
}

/** What is live, the pool with the marks that are on the host. Pure. @throws DcvopsError `failed` as `changePool` */
export function liveTarget(host: string, facts: ProxyFacts): Target {
  const { live, gatewayFiles, state } = facts;
  if (live?.releaseId === undefined || isHandEdited(facts)) {
    const what =
      live?.releaseId === undefined
        ? 'no release of dcvops is live'
        : 'a file of the gateway was edited by hand';
    throw new DcvopsError('failed', `${what}; the pool stays as it is.`, {
      host,
      hint: `dcvops deploy ${host}`,
    });
  }
  const out = withAnyMark(state);
  const write = (path: string, content: string, mode = '644'): FileChange => ({
    kind: 'write',
    path,
    mode,
    content,
  });
  return {
    release: live.releaseId,
    files: [
      write(live.path, live.content, live.mode.split(' ')[0]),
      ...gatewayFiles.map(({ path, content }) =>
        write(path, path === POOL_FILE ? markPool(content, out) : content),
      ),
    ],
  };
}
