import { agentCheck } from '../../check.ts';
import { steps } from '../../commands.ts';

/** The files of the web client are not there. With a `web-root` of its own, DCV looks elsewhere. */
export const webViewerMissing = agentCheck({
  id: 'agent/web-viewer-missing',
  severity: 'error',
  title: 'The web client is not installed',
  why: 'Browsers get 404 for the agent’s page; it is a package of its own since DCV 2021.2.',
  remedy: 'install the package nice-dcv-web-viewer of the same DCV release\ndcvops check',
  symptoms: ['service'],
  follows: ['agent/dcv-missing'],
  look: ({ agent }) =>
    agent.desktop.webViewer || (agent.conf['connectivity/web-root'] ?? '') !== ''
      ? undefined
      : {
          seen: 'there is no web client in /usr/share/dcv/www',
          remedy: steps('install the package nice-dcv-web-viewer of the same DCV release', 'dcvops check'),
        },
});
