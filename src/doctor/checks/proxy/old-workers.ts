import { proxyCheck } from '../../check.ts';
import { onHost } from '../../commands.ts';
import type { WorkerFacts } from '../../facts/proxy.ts';

const DAY = 86_400;
const OLD_DAYS = 7;
const MANY_RELOADS = 4;
/** Workers that were started so closely one after the other are of one reload. */
const APART_SECONDS = 5;

/** Workers of earlier releases that wait for their last desktop. That is as it should be; many, or very old ones, are not. */
export const oldWorkers = proxyCheck({
  id: 'proxy/old-workers',
  severity: 'note',
  title: 'Old workers of nginx still hold desktops',
  why: 'These desktops go on under the rules of an earlier release, and each old worker keeps its memory, until people leave.',
  remedy:
    'dcvops exec PROXY -- ps -C nginx -o pid,etime,rss,args\nask the people to open their desktops anew',
  symptoms: ['nginx'],
  look: ({ name, proxy }) => {
    const old = proxy.workers.filter(
      ({ shuttingDown, connections }) => shuttingDown && (connections === undefined || connections > 0),
    );
    if (old.length === 0) return undefined;
    const oldest = Math.max(...old.map(({ elapsed }) => elapsed));
    const reloads = countReloads(old);
    const held = old.reduce((sum, { connections = 0 }) => sum + connections, 0);
    return {
      severity: reloads > MANY_RELOADS || oldest > OLD_DAYS * DAY ? 'warning' : 'note',
      seen: `${old.length} old ${old.length === 1 ? 'worker' : 'workers'} of ${reloads} ${reloads === 1 ? 'reload' : 'reloads'}, the oldest started ${age(oldest)} ago, ${old.length === 1 ? 'holds' : 'hold'} ${held} connections`,
      remedy: `${onHost(name, 'ps', '-C', 'nginx', '-o', 'pid,etime,rss,args')}\nask the people to open their desktops anew`,
    };
  },
});

function countReloads(workers: readonly WorkerFacts[]): number {
  const ages = workers.map(({ elapsed }) => elapsed).toSorted((one, other) => one - other);
  return ages.filter((one, index) => one - (ages[index - 1] ?? -Infinity) > APART_SECONDS).length;
}

function age(seconds: number): string {
  const days = Math.floor(seconds / DAY);
  if (days > 0) return days === 1 ? 'a day' : `${days} days`;
  const hours = Math.floor(seconds / 3_600);
  return hours === 0 ? 'less than an hour' : hours === 1 ? 'an hour' : `${hours} hours`;
}
