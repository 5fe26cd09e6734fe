import { isInside } from '../../../inventory/addresses.ts';
import { operatorCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';

/** People are believed about their address as if they were a load balancer. */
export const believedClients = operatorCheck({
  id: 'operator/believed-clients',
  severity: 'warning',
  title: 'People may claim any address',
  why: 'Whoever is in access.real_ip_from is believed about the client’s address. People in it get around deny, agents’ own lists and limits with a header.',
  remedy: 'name only the load balancers’ addresses in access.real_ip_from, then: dcvops deploy',
  look: ({ inventory: { gateway, file } }) => {
    const { allow, realIpFrom = [] } = gateway;
    const people = allow.filter(
      (network) => network !== 'any' && realIpFrom.some((believed) => isInside(network, believed)),
    );
    if (people.length === 0) return undefined;
    return {
      seen: `gateway.access.real_ip_from (${someOf(realIpFrom)}) holds ${someOf(people)} of access.allow`,
      remedy: `name only the load balancers’ addresses in gateway.access.real_ip_from of ${file}, then: dcvops deploy`,
    };
  },
});
