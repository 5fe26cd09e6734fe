import { agentCheck } from '../../check.ts';
import { webUrlPath } from '../../conf.ts';
import { setAndRestart, unsetAndRestart } from '../../dcv-settings.ts';

/** DCV serves its pages below another path than the one that the gateway asks for. */
export const webUrlPathSet = agentCheck({
  id: 'agent/web-url-path',
  severity: 'error',
  title: 'DCV serves its pages below another path than the gateway asks for',
  why: 'The gateway takes the agent’s address off the path and puts the agent’s web_url_path of the inventory in its place (none: it asks for /). Below any other path DCV has nothing (404). A change of dcv.conf needs a restart of dcvserver, which ends its sessions.',
  remedy: 'dcvops dcv config unset AGENT connectivity/web-url-path --restart\ndcvops session create AGENT',
  symptoms: ['service'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent, set }) => {
    const served = withoutEnd(webUrlPath(agent.conf));
    const asked = set.inventory.agents.find((one) => one.name === name)?.webUrlPath ?? '/';
    if (served === asked) return undefined;
    return asked === '/'
      ? {
          seen: `dcv.conf sets web-url-path="${served}"`,
          remedy: unsetAndRestart(name, 'connectivity/web-url-path', set),
        }
      : {
          seen: `the inventory says web_url_path: ${asked}, and dcv.conf ${served === '/' ? 'sets no web-url-path' : `sets web-url-path="${served}"`}`,
          remedy: setAndRestart(name, 'connectivity/web-url-path', asked, set),
        };
  },
});

/** `/desk1/` is `/desk1`. */
function withoutEnd(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
