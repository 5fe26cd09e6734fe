import { AGENT_PORT } from '../../../gateway/ports.ts';
import { type HostView, leftoversCheck } from '../../check.ts';
import type { LeftoverFacts } from '../../facts/leftovers.ts';
import { CONNECTION_GATEWAY_UNIT, isConnectionGateway } from '../../connection-gateway.ts';
import { stillRuns } from './still-runs.ts';

/** DCV Connection Gateway runs, or will after a boot; where it has the port of nginx or of DCV, nobody gets in. */
export const connectionGateway = leftoversCheck({
  id: 'leftovers/connection-gateway',
  severity: 'warning',
  title: 'DCV Connection Gateway is still there',
  why: 'It wants the port that nginx, or DCV, listens on: whoever starts first after a boot has it.',
  remedy: 'dcvops retire connection-gateway HOST',
  symptoms: ['nginx', 'network'],
  look: (view) => {
    const running = stillRuns(view.system, CONNECTION_GATEWAY_UNIT);
    if (running === undefined) return undefined;
    const { name, host, leftovers } = view;
    const held = heldPort(view);
    const { listen, resolver } = leftovers.connectionGateway ?? { listen: [], resolver: undefined };
    const next = host.role === 'proxy' ? '\ndcvops deploy' : '';
    return {
      severity: held === undefined ? 'warning' : 'error',
      seen: held === undefined ? running : `${running}; it has TCP ${held}`,
      evidence: [
        ...(listen.length === 0 ? [] : [`web-listen-endpoints: ${listen.join(', ')}`]),
        ...(resolver === undefined ? [] : [`[resolver] url: ${resolver}`]),
        ...(lendsCertificate(view) ? ['cert-file: nginx uses it as well, so that it stays'] : []),
      ],
      remedy: `dcvops retire connection-gateway ${name}${held === undefined ? '' : next}`,
    };
  },
});

/** Does nginx serve the certificate that was made for the connection gateway? Whoever cleans up there has to know. */
function lendsCertificate({
  host,
  leftovers,
  set,
}: HostView & { readonly leftovers: LeftoverFacts }): boolean {
  const { certificate } = leftovers.connectionGateway ?? {};
  return (
    host.role === 'proxy' && certificate !== undefined && certificate === set.inventory.gateway.certificate
  );
}

/** The gateway's port on a proxy, DCV's on an agent, when the connection gateway listens there. */
function heldPort({ host, system, set }: HostView): number | undefined {
  const port = host.role === 'proxy' ? set.inventory.gateway.port : AGENT_PORT;
  const held = (system.listeners ?? []).some(
    (listener) =>
      listener.protocol === 'tcp' && listener.port === port && isConnectionGateway(listener, system),
  );
  return held ? port : undefined;
}
