import { describe, expect, it } from 'vitest';
import { raiseWorkerLimits, readWorkerLimits, workerLimits } from '../../../src/gateway/nginx-conf.ts';

const DEBIAN = `user www-data;
worker_processes auto;
pid /run/nginx.pid;

events {
	worker_connections 768;
	# multi_accept on;
}
http { }
`;
const wanted = workerLimits(16384);

describe('worker limits in nginx.conf', () => {
  it('changes two numbers of Debian’s file and nothing else', () => {
    expect(raiseWorkerLimits(DEBIAN, wanted)).toBe(
      DEBIAN.replace('768', '16384').replace('events {', 'worker_rlimit_nofile 32768;\nevents {'),
    );
  });

  it('asks for nothing when it is done: a second deploy touches nothing', () => {
    expect(raiseWorkerLimits(raiseWorkerLimits(DEBIAN, wanted) ?? '', wanted)).toBeUndefined();
  });

  it('never lowers what somebody has set higher', () => {
    const higher = DEBIAN.replace('768', '65535').replace('user', 'worker_rlimit_nofile 200000;\nuser');
    expect(raiseWorkerLimits(higher, wanted)).toBeUndefined();
  });

  it('raises a limit of open files that is there, and leaves comments alone', () => {
    const conf = '# worker_connections 1;\nworker_rlimit_nofile 1024;\nevents {\n}\n';
    expect(raiseWorkerLimits(conf, wanted)).toBe(
      '# worker_connections 1;\nworker_rlimit_nofile 32768;\nevents {\n    worker_connections 16384;\n}\n',
    );
  });

  it('reads no number where none is set', () => {
    expect(readWorkerLimits('events { }')).toEqual({});
  });
});
