import { gatewayCheck, isAnswered } from './gateway-check.ts';

export const accessDenied = gatewayCheck({
  id: 'path/access-denied',
  severity: 'note',
  title: 'The gateway is not open to this machine',
  why: 'Where people work elsewhere that is as it should be. It means that the ways were not asked from here, so that a firewall in front of the gateway would not be noticed.',
  remedy: 'add your network to gateway.access.allow, then: dcvops deploy PROXY',
  symptoms: ['network'],
  follows: [],
  look({ sight, host, set }) {
    if (!sight.refusedHere) return undefined;
    const isAsked = sight.tunnel !== undefined && isAnswered(sight.tunnel);
    return {
      seen: `gateway.access.allow (${set.inventory.gateway.allow.join(', ')}) does not hold this machine; ${
        isAsked
          ? `the ways were asked on ${host.name} itself, through SSH`
          : `nor could the ways be asked on ${host.name} itself`
      }`,
      remedy: `add your network to gateway.access.allow in ${set.inventory.file}, then: dcvops deploy ${host.name}`,
    };
  },
});
