import { steps } from '../../commands.ts';
import { NOT_SERVING } from '../proxy/causes.ts';
import { gatewayCheck, isAnswered } from './gateway-check.ts';

export const gatewayForeign = gatewayCheck({
  id: 'path/gateway-foreign',
  severity: 'error',
  title: 'Something else answers at the gateway’s address',
  why: 'It is not the gateway that dcvops deployed: routes, access and certificate are whatever that other server has.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: [...NOT_SERVING, 'proxy/not-live', 'leftovers/connection-gateway', 'leftovers/older-nginx-files'],
  look({ sight, host, set }) {
    const { direct, release, url } = sight;
    if (!isAnswered(direct) || release !== undefined) return undefined;
    const isLive = host.proxy?.live?.releaseId !== undefined;
    return {
      seen: `${url}/health answers ${direct.status ?? 'nothing'}, without a release of dcvops`,
      remedy: isLive
        ? steps(
            `is ${url} the right address? ${host.name} itself has release ${host.proxy?.live?.releaseId ?? ''}`,
            `set gateway.url in ${set.inventory.file}`,
          )
        : `dcvops deploy ${host.name}`,
    };
  },
});
