import { failureCheck } from './failure-check.ts';

export const noAnswer = failureCheck('no-answer', {
  title: 'The host does not answer over SSH',
  why: 'It is down, its sshd is, or a firewall (security group) lets nobody through to it.',
  remedy: 'nc -vz ADDRESS PORT',
  follows: ['operator/network'],
  remedyFor: ({ address }, { target, via }) => {
    const port = /:(\d+)$/.exec(target)?.[1] ?? '22';
    const hop = via.at(-1);
    return [`${hop === undefined ? '' : `dcvops exec ${hop} -- `}nc -vz ${address} ${port}`];
  },
});
