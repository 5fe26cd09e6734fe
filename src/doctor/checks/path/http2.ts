import { asRoot } from '../../commands.ts';
import { gatewayCheck } from './gateway-check.ts';

export const http2 = gatewayCheck({
  id: 'path/http2',
  severity: 'warning',
  title: 'The gateway does not speak HTTP/2',
  why: 'The web client’s page then loads file after file. Desktops work, but open slowly over long distances.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: [
    'path/gateway-foreign',
    'proxy/not-deployed',
    'proxy/not-live',
    'proxy/rival-files',
    'proxy/port-taken',
  ],
  look({ sight, host }) {
    if (sight.http2 !== false) return undefined;
    if (host.proxy?.nginx?.modules.http2 === false) {
      return {
        seen: 'HTTP/2 is not offered: this nginx was built without it',
        remedy: `${asRoot(host.name, 'nginx', '-V')}\ninstall nginx from the distribution or from nginx.org`,
      };
    }
    return {
      seen: `${sight.url} does not offer HTTP/2: the release is older, or something in between speaks HTTP/1.1 only`,
      remedy: `dcvops deploy ${host.name}\ndcvops check`,
    };
  },
});
