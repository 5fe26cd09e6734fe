import { describe, expect, it } from 'vitest';
import type { FileChange } from '../../../src/gateway/proxy-facts.ts';
import { LIVE_FILE } from '../../../src/gateway/release.ts';
import { renderGateway } from '../../../src/gateway/render.ts';
import { whatIsBack } from '../../../src/operations/put-back.ts';
import { twoAgents } from '../gateway/inventories.ts';

const { config, releaseId } = renderGateway(twoAgents());
const write = (path: string, content: string): FileChange => ({ kind: 'write', path, mode: '644', content });

describe('what is told to be there again', () => {
  it.each<[files: FileChange[], told: string]>([
    [[write(LIVE_FILE, config)], `release ${releaseId} is live again`],
    [
      [write(LIVE_FILE, config + '# mine\n')],
      `release ${releaseId}, as it was edited by hand, is live again`,
    ],
    [
      [
        { kind: 'remove', path: LIVE_FILE },
        write('/etc/nginx/conf.d/old.conf', 'server {\n  listen 8443 ssl;\n}\n'),
      ],
      'the nginx files that were there before are live again',
    ],
    [[{ kind: 'remove', path: LIVE_FILE }], 'no gateway is there, as before'],
  ])('%#: %s', (files, told) => {
    expect(whatIsBack({ release: 'x', files }, 8443)).toBe(told);
  });
});
