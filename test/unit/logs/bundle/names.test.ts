import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNames } from '../../../../src/logs/bundle/names.ts';

describe('names in a bundle', () => {
  it.each([
    ['/var/log/dcv/server.log', 'agent1/logs/var/log/dcv/server.log'],
    ['/var/log/nginx/dcv-access.log.2.gz', 'agent1/logs/var/log/nginx/dcv-access.log.2'],
    ['/var/log/dcv/agent.CORP\\jane.desk.log', 'agent1/logs/var/log/dcv/agent.CORP_jane.desk.log'],
    ['/var/log/dcv/a\n\x1b[2Jb.log', 'agent1/logs/var/log/dcv/a___2Jb.log'],
    ['/var/log/../../x.log', 'agent1/logs/var/log/_/_/x.log'],
    ['disks', 'agent1/logs/disks.txt'],
  ])('%j', (name, expected) => {
    expect(createNames('agent1')('logs', name)).toBe(expected);
  });

  it('never gives a name twice, so that unpacking loses no file', () => {
    const namePiece = createNames('agent1');
    expect(
      ['/a?.log', '/a*.log', '/A_.log', '/b.log', '/b.log.gz'].map((name) => namePiece('logs', name)),
    ).toEqual([
      'agent1/logs/a_.log',
      'agent1/logs/a_.log.2',
      'agent1/logs/A_.log.3',
      'agent1/logs/b.log',
      'agent1/logs/b.log.2',
    ]);
  });

  it('never leads out of the host’s folder: an account on a host must not write files where a bundle is unpacked', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('/', '..', '.', '\\', 'a', '\0', ':', '\u202e')), (parts) => {
        const name = createNames('agent1')('logs', `/${parts.join('')}`);
        expect(path.posix.normalize(name)).toMatch(/^agent1\/logs/);
        expect(name).toMatch(/^[\p{L}\p{N} ._@+=,~/-]+$/u);
      }),
    );
  });
});
