import { operatorCheck } from '../../check.ts';
import { gatewaysBehindForwardProxy } from '../../forward-proxy.ts';

export const forwardProxy = operatorCheck({
  id: 'operator/forward-proxy',
  severity: 'note',
  title: 'Browsers here may be sent to a forward proxy',
  why: 'A forward proxy that wants a login (407) or passes no WebSockets keeps desktops from showing, while everything else works.',
  remedy: 'export no_proxy="$no_proxy,GATEWAY"',
  symptoms: ['network'],
  look: (set) =>
    gatewaysBehindForwardProxy(set).map(({ host, proxy }) => ({
      seen: `https_proxy is ${proxy}, and no_proxy does not name ${host}`,
      remedy: `export no_proxy="\${no_proxy:+$no_proxy,}${host}"\nand the same in the settings of the browsers`,
    })),
});
