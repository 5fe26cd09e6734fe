import { describe, expect, it } from 'vitest';
import { LARGEST_PERMISSIONS, permissionsProblem } from '../../../../src/dcv/session/permissions-file.ts';

describe('permissionsProblem: a wrong file would take everybody’s permissions away', () => {
  it.each([
    ['rules', '[permissions]\n%owner% allow builtin\n', undefined],
    ['aliases before them', '[aliases]\nsee=display\n[permissions]\n%any% allow see\r\n', undefined],
    ['an import', '#import /etc/dcv/default.perm\n', undefined],
    ['nothing', '', 'it is empty'],
    ['another file', 'users: [jane]\n', 'it has no [permissions] section'],
    ['a program', '\x7fELF\0[permissions]', 'it is not text'],
    ['a disk image', '#'.repeat(LARGEST_PERMISSIONS + 1), 'it is larger than 64 KiB'],
  ])('%s', (_what, text, problem) => {
    expect(permissionsProblem(Buffer.from(text))).toBe(problem);
  });
});
