import { expect, it } from 'vitest';
import { rememberFailures } from '../../../../src/operations/doctor/remember-failures.ts';
import type { Remote } from '../../../../src/ssh/remote.ts';
import { agent } from '../../gateway/inventories.ts';

// Otherwise a hundred questions to a dead host would each wait for its time-out.
it('tries a host that failed once, and one that answered again', async () => {
  const asked: string[] = [];
  const connect = rememberFailures((host) => {
    asked.push(host.name);
    if (host.name === 'dead') return Promise.reject(new Error('no answer'));
    return Promise.resolve({ name: host.name } as Remote);
  });
  const [dead, alive] = [agent('dead', '10.0.0.1'), agent('alive', '10.0.0.2')];
  for (let turn = 0; turn < 2; turn++) {
    await expect(connect(dead)).rejects.toThrow('no answer');
    await expect(connect(alive)).resolves.toEqual({ name: 'alive' });
  }
  expect(asked).toEqual(['dead', 'alive', 'alive']);
});
