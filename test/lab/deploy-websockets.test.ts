import { beforeAll, expect, it } from 'vitest';
import { labFile } from './paths.ts';
import { forgetDeploys, inventoryAllowing, servedRelease } from './support/gateway.ts';
import { type TestLab, useLab } from './support/lab.ts';

const WEBSOCKETS = 200;
const DEPLOYS = 5;

let lab: TestLab;

beforeAll(async () => {
  lab = await useLab();
  await lab.reset('gateway');
  await forgetDeploys(lab.host('gateway'));
  expect((await lab.dcvops(['deploy'])).code).toBe(0);
});

it(`${WEBSOCKETS} open desktops live through ${DEPLOYS} deploys that change the configuration`, async () => {
  const holder = lab.operator.start([
    process.execPath,
    labFile('support', 'websockets-program.js'),
    'wss://10.213.66.188:8443/10.150.248.180/auth',
    String(WEBSOCKETS),
  ]);
  await holder.waitFor('"event":"open"');
  const seen = new Set([await servedRelease(lab)]);
  for (let number = 1; number <= DEPLOYS; number += 1) {
    const file = await inventoryAllowing(lab, `192.0.2.${number}`, 'websockets');
    const run = await lab.dcvops(['deploy', '-i', file, '--yes']);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(`${WEBSOCKETS} open connections to desktops kept`);
    seen.add(await servedRelease(lab));
  }
  expect(seen.size).toBe(DEPLOYS + 1);
  holder.endInput();
  const { stdout } = await holder.ended;
  expect(stdout).not.toContain('"event":"cut"');
  expect(stdout).toContain(`{"event":"held","count":${WEBSOCKETS}}`);
});
