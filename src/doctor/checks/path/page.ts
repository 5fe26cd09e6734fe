import { pathCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { showSettings } from '../../dcv-settings.ts';
import { whereBroken } from '../../place.ts';
import { routeFailure } from './route-failure.ts';

export const page = pathCheck({
  id: 'path/page',
  severity: 'error',
  title: 'The web client’s page does not come',
  why: 'The browser shows an error instead of the desktop’s login.',
  remedy: 'dcvops dcv config get AGENT',
  symptoms: ['session', 'nginx'],
  follows: [
    'agent/web-viewer-missing',
    'agent/web-url-path',
    'agent/not-answering',
    'path/gateway-foreign',
    'proxy/rival-files',
    'proxy/not-live',
  ],
  look(path, set) {
    const { agent, proxy, route, page: asked } = path;
    const failed = routeFailure(path) === 'page' ? route : asked;
    if (failed === undefined || failed.ok) return undefined;
    const isDcv = failed.server === 'dcv';
    // told by path/host-refused
    if (isDcv && failed.status === 403) return undefined;
    const settings = showSettings(agent);
    return {
      seen: `${failed === route ? '/version' : 'the page'} of ${agent}: ${failed.detail}; ${whereBroken(path, set)}`,
      remedy: isDcv
        ? steps(
            settings,
            failed.status === 404
              ? asRoot(agent, 'ls', '/usr/share/dcv/www')
              : `dcvops logs ${agent} --since 10m`,
          )
        : steps(`dcvops logs ${proxy} --since 10m`, 'dcvops check'),
    };
  },
});
