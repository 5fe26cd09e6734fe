import { describe, expect, it } from 'vitest';
import { whoAmI } from '../../../src/cli/gateways.ts';

describe('who a lock and an audit line name', () => {
  it('is one word, whatever the account is called', () => {
    expect(whoAmI(() => 'CORP\\\\anna lena')).toMatch(/^CORP\\\\anna_lena@\S+$/);
  });

  it('is found for a user without an account, as in a container: the deploy goes on', () => {
    const noAccount = (): string => {
      throw new Error('uv_os_get_passwd returned ENOENT');
    };
    expect(whoAmI(noAccount)).toMatch(/^\S+@\S+$/);
  });
});
