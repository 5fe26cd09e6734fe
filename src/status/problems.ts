import { explainSilence } from '../dcv/failures.ts';
import { onHost } from '../doctor/commands.ts';
import { describeDisk, isFilling, isFull } from '../doctor/disks.ts';
import { agentService, proxyService } from '../doctor/service/typed.ts';
import type { AgentHost } from '../inventory/types.ts';
import type {
  AgentFigures,
  GatewaySight,
  PathStatus,
  Problem,
  ProxyFigures,
  Reading,
  SystemFigures,
} from './types.ts';

/* What is wrong at a glance, the worst first. The doctor looks closer, and is what to type where one look is not enough. */

/** Certificates are to be renewed when they have so many days left. */
const CERTIFICATE_SOON_DAYS = 30;
const MEMORY_FULL_PERCENT = 95;

/** Pure. @param daysLeft of the certificate that is served */
export function problemsOfProxy(
  name: string,
  reading: Reading<ProxyFigures>,
  sight: GatewaySight,
  daysLeft: number | undefined,
): Problem[] {
  const served = [...certificateProblems(name, daysLeft)];
  if (!reading.ok) return inOrder([unread(name, reading), ...served]);
  const { figures } = reading;
  return inOrder([
    ...(nginxProblem(name, figures) ?? gatewayProblem(name, figures, sight) ?? []),
    ...served,
    ...systemProblems(name, figures),
  ]);
}

/** Pure. What merely follows from a dcvserver that does not run is not told. */
export function problemsOfAgent(
  { name, sessions: declared = [] }: Pick<AgentHost, 'name' | 'sessions'>,
  reading: Reading<AgentFigures>,
  paths: readonly PathStatus[],
  downOn: readonly string[],
): Problem[] {
  const onTheWay = [...pathProblems(name, paths), ...markProblems(downOn)];
  if (!reading.ok) return inOrder([unread(name, reading), ...onTheWay]);
  const { figures } = reading;
  const service = serviceProblem(name, figures);
  return inOrder([
    ...(service ?? [...onTheWay, ...sessionProblems(name, figures, declared.length > 0)]),
    ...systemProblems(name, figures),
  ]);
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [
    ...problems.filter(({ level }) => level === 'error'),
    ...problems.filter(({ level }) => level === 'warning'),
  ];
}

function error(kind: string, message: string, next: string): Problem {
  return { kind, level: 'error', message, next };
}

function warning(kind: string, message: string, next: string): Problem {
  return { kind, level: 'warning', message, next };
}

const doctor = (name: string): string => `dcvops doctor ${name}`;

function unread(
  name: string,
  { message, hint }: { readonly message: string; readonly hint: string | undefined },
): Problem {
  return error('reach', message, hint ?? doctor(name));
}

function nginxProblem(name: string, { nginx }: ProxyFigures): Problem[] | undefined {
  const start = proxyService('start', name);
  switch (nginx) {
    case 'active':
      return undefined;
    case 'starting':
      return [warning('service', 'nginx is starting', proxyService('status', name))];
    case 'stopped':
      return [error('service', 'nginx is stopped', start)];
    case 'failed':
      return [error('service', 'nginx has failed', doctor(name))];
    case 'absent':
      return [error('service', 'nginx is not installed', `dcvops deploy ${name} --prepare-host`)];
  }
}

function gatewayProblem(name: string, { file }: ProxyFigures, sight: GatewaySight): Problem[] | undefined {
  if (file === undefined) return [error('release', 'no gateway is deployed', `dcvops deploy ${name}`)];
  if (file.releaseId === undefined) {
    return [error('release', 'the gateway’s file is not one of dcvops', doctor(name))];
  }
  if (sight.way === 'none') {
    return [error('gateway', `the gateway does not answer: ${sight.reason}`, doctor(name))];
  }
  if (sight.releaseId === undefined) {
    return [error('gateway', 'something else than the gateway answers', doctor(name))];
  }
  if (sight.releaseId !== file.releaseId) {
    const message = `release ${file.releaseId} is not live: ${sight.releaseId} answers`;
    return [error('release', message, `dcvops deploy ${name}`)];
  }
  return undefined;
}

function certificateProblems(name: string, daysLeft: number | undefined): Problem[] {
  if (daysLeft === undefined || daysLeft > CERTIFICATE_SOON_DAYS) return [];
  if (daysLeft < 0) return [error('certificate', 'the certificate has expired', doctor(name))];
  const when = daysLeft === 0 ? 'today' : daysLeft === 1 ? 'tomorrow' : `in ${daysLeft} days`;
  return [warning('certificate', `the certificate ends ${when}`, doctor(name))];
}

function serviceProblem(name: string, figures: AgentFigures): Problem[] | undefined {
  if (!figures.installed) return [error('service', 'DCV is not installed', doctor(name))];
  if (figures.sessions !== undefined) return undefined;
  switch (figures.service) {
    case 'stopped':
      return [error('service', 'dcvserver is stopped', agentService('start', name))];
    case 'starting':
      return [warning('service', 'dcvserver is starting', agentService('status', name))];
    case 'absent':
      return [error('service', 'there is no dcvserver.service', doctor(name))];
    case 'active':
      return [error('service', `dcv does not answer: ${explainSilence(figures.silence)}`, doctor(name))];
  }
}

function pathProblems(name: string, paths: readonly PathStatus[]): Problem[] {
  const [broken] = paths.filter(({ ok }) => !ok);
  if (broken === undefined) return [];
  return [error('path', `not reached through ${broken.proxy}: ${broken.detail}`, doctor(name))];
}

/** Also of one that answers: nothing but dcvops takes such a mark away. */
function markProblems(downOn: readonly string[]): Problem[] {
  if (downOn.length === 0) return [];
  const message = `marked down on ${downOn.join(', ')}: the default route passes it by`;
  return [warning('down', message, `dcvops health apply ${downOn.join(' ')}`)];
}

function sessionProblems(name: string, { sessions }: AgentFigures, areDeclared: boolean): Problem[] {
  const create = `dcvops session ${areDeclared ? 'restore' : 'create'} ${name}`;
  return sessions?.length === 0 ? [warning('sessions', 'no session', create)] : [];
}

function systemProblems(name: string, { memoryUsedPercent, disks, silentFolders }: SystemFigures): Problem[] {
  const memoryIsFull = memoryUsedPercent !== undefined && memoryUsedPercent > MEMORY_FULL_PERCENT;
  return [
    ...disks.filter(isFull).map((disk) => error('disk', describeDisk(disk), doctor(name))),
    ...silentFolders.map((folder) => error('disk', `${folder} does not answer`, doctor(name))),
    ...disks.filter(isFilling).map((disk) => warning('disk', describeDisk(disk), doctor(name))),
    ...(memoryIsFull
      ? [
          warning(
            'memory',
            `${memoryUsedPercent} % of the memory is used`,
            onHost(name, 'ps', 'aux', '--sort=-rss'),
          ),
        ]
      : []),
  ];
}
