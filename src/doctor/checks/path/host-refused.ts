import { pathCheck } from '../../check.ts';
import { PATTERNS, showSettings } from '../../dcv-settings.ts';
import { hostOf } from '../../forward-proxy.ts';
import { whereBroken } from '../../place.ts';
import { routeFailure } from './route-failure.ts';

export const hostRefused = pathCheck({
  id: 'path/host-refused',
  severity: 'error',
  title: 'DCV does not take the gateway’s host name',
  why: 'dcvserver answers 403 to whoever calls it by a name that allowed-http-host-regex does not allow; the gateway passes on the name that people opened.',
  remedy: 'dcvops dcv config get AGENT security/allowed-http-host-regex security/allowed-ws-origin-regex',
  symptoms: ['session', 'network'],
  follows: ['agent/host-pattern', 'path/gateway-foreign', 'proxy/not-live', 'proxy/rival-files'],
  look(path, set) {
    const { agent, proxy, page } = path;
    const isRefused =
      routeFailure(path) === 'host-refused' ||
      (page?.ok === false && page.status === 403 && page.server === 'dcv');
    if (!isRefused) return undefined;
    const url = set.gateways.find((sight) => sight.proxy === proxy)?.url;
    return {
      seen: `403 from DCV${url === undefined ? '' : ` for the host ${hostOf(url)}`}; ${whereBroken(path, set)}`,
      remedy: showSettings(agent, ...PATTERNS),
    };
  },
});
