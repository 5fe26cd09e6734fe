import { describe, expect, it } from 'vitest';
import { RECORD_MESSAGE, frame, targetOf } from '../../../bench/gateway/programs/websocket.ts';

// A frame of another length would leave the programs waiting for bytes that never come.
describe('frame: one message of binary zeros', () => {
  it.each([
    [64, 'server', [0x82, 64], 2 + 64],
    [64, 'client', [0x82, 0x80 | 64, 0, 0, 0, 0], 6 + 64],
    [125, 'server', [0x82, 125], 2 + 125],
    [126, 'server', [0x82, 126, 0, 126], 4 + 126],
    [RECORD_MESSAGE, 'server', [0x82, 126, 0x3f, 0xfc], 16_384],
    [RECORD_MESSAGE, 'client', [0x82, 0x80 | 126, 0x3f, 0xfc, 0, 0, 0, 0], 16_388],
  ] as const)('%i bytes from the %s', (bytes, from, head, length) => {
    const made = frame(bytes, from);
    expect([...made.subarray(0, head.length)]).toEqual(head);
    expect(made).toHaveLength(length);
    expect(made.subarray(head.length).every((byte) => byte === 0)).toBe(true);
  });
});

it('targetOf takes the first three arguments', () => {
  expect(targetOf(['10.213.66.188', '8443', '/10.150.248.136/echo', 'ping'])).toEqual({
    host: '10.213.66.188',
    port: 8443,
    path: '/10.150.248.136/echo',
  });
});
