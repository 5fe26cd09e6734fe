import { operatorCheck } from '../../check.ts';
import { isNoAnswer } from '../reach/why-not.ts';

export const network = operatorCheck({
  id: 'operator/network',
  severity: 'error',
  title: 'No host answers this machine',
  why: 'One host may be down; when none answers, it is this machine that is not in their network.',
  remedy: 'connect to the VPN, then: dcvops doctor',
  symptoms: ['network'],
  look({ hosts, gateways }) {
    const silent = hosts.filter(isNoAnswer);
    const isSeen = gateways.some(({ direct }) => direct.status !== undefined);
    if (hosts.length < 2 || silent.length < hosts.length || isSeen) return undefined;
    return {
      seen: `none of ${hosts.length} hosts answers, nor does the gateway`,
      remedy: 'ip route   (is the VPN up, and does it lead to these networks?)\ndcvops doctor',
    };
  },
});
