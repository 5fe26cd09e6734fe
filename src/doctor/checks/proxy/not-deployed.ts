import { LIVE_FILE } from '../../../gateway/release.ts';
import { proxyCheck } from '../../check.ts';

/** The gateway's file is not there, or is somebody else's. */
export const notDeployed = proxyCheck({
  id: 'proxy/not-deployed',
  severity: 'error',
  title: 'The gateway is not deployed',
  why: 'nginx knows nothing of the desktops until the gateway’s file is there.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing'],
  look: ({ name, proxy }) => {
    if (proxy.live?.releaseId !== undefined) return undefined;
    const rivals = proxy.rivals.filter(({ active, why }) => active && why === 'port');
    const takeOver = rivals.length > 0 ? ' --take-over' : '';
    const kept =
      proxy.releases.length === 0 ? '' : `; ${proxy.releases.length} releases are kept on the host`;
    if (proxy.live !== undefined) {
      return {
        seen: `${LIVE_FILE} was not written by dcvops`,
        remedy: `dcvops deploy --dry-run ${name}\ndcvops deploy --force${takeOver} ${name}`,
      };
    }
    const other =
      rivals.length === 0 ? '' : `; ${rivals.map(({ path }) => path).join(', ')} answers the port instead`;
    return {
      seen: `there is no ${LIVE_FILE}${other}${kept}`,
      remedy: `dcvops deploy${takeOver} ${name}`,
    };
  },
});
