import { expect, it } from 'vitest';
import { connectionGateway } from '../../../src/doctor/checks/leftovers/connection-gateway.ts';
import { healthySet, hostOf, unit } from './healthy.ts';

it.each([
  ['/etc/dcv-connection-gateway/certs/dcv.crt', true],
  ['/etc/other.crt', false],
])('who cleans up after it learns whether nginx needs its certificate: %s', (certificate, isNeeded) => {
  const set = healthySet();
  const host = hostOf(set, 'gateway');
  Object.assign(host.system?.units ?? {}, { 'dcv-connection-gateway.service': unit({ mainPid: 41 }) });
  host.leftovers = { connectionGateway: { listen: [], certificate }, retired: [] };
  const [finding] = connectionGateway.run(set);
  expect(finding?.evidence).toEqual(isNeeded ? ['cert-file: nginx uses it as well, so that it stays'] : []);
});
