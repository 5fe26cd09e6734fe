import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../../src/errors.ts';
import { shortName, unitName } from '../../../../src/doctor/service/unit-name.ts';

describe('unitName: what is typed is one unit, never an option or a pattern of systemctl', () => {
  it.each([
    ['dcvserver', 'dcvserver.service'],
    ['dcvserver.service', 'dcvserver.service'],
    ['ssh.socket', 'ssh.socket'],
    ['org.example.thing', 'org.example.thing.service'],
    ['getty@tty1', 'getty@tty1.service'],
    ['dev-disk-by\\x2did.mount', 'dev-disk-by\\x2did.mount'],
    ['-.mount', undefined],
    ['--force', undefined],
    ['dcv*', undefined],
    ['dcv server', undefined],
    ['nginx;reboot', undefined],
    ['$(id)', undefined],
    ['', undefined],
    ['a'.repeat(300), undefined],
  ])('%s', (typed, name) => {
    if (name === undefined) expect(() => unitName(typed)).toThrow(DcvopsError);
    else expect(unitName(typed)).toBe(name);
  });

  it('is shown without the usual type', () => {
    expect(shortName('dcvserver.service')).toBe('dcvserver');
    expect(shortName('ssh.socket')).toBe('ssh.socket');
  });
});
