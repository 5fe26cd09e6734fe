import { expect, it } from 'vitest';
import { usersNote } from '../../../../src/operations/access/users-note.ts';
import { gatewaySettings, proxy } from '../../gateway/inventories.ts';

// A login that nobody has shuts everybody out, and nothing else of a deploy shows it.
it.each([
  [true, [], 'dcvops access user add NAME --proxy gateway'],
  [true, ['maintenance/dcv_10_0_0_1'], 'dcvops access user add NAME --proxy gateway'],
  [true, ['login/accept.map', 'users'], undefined],
  [false, [], undefined],
])('with a login %s, and the files %j, warns: %s', (basic, state, hint) => {
  expect(usersNote(gatewaySettings({ access: { basic } }), proxy(), state)?.hint).toBe(hint);
});
