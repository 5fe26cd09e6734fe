import { describe, expect, it } from 'vitest';
import { loginMode, webPort } from '../../../../src/doctor/conf.ts';
import { readConf } from '../../../../src/doctor/parse/conf.ts';

// What the doctor finds in dcv.conf, the commands that it names have to find, too: they read it alike.
describe('readConf', () => {
  it.each([
    ['a text without its quotes', '[security]\nauthentication=none\n', { 'security/authentication': 'none' }],
    ['the last of two', '[log]\nlevel="warn"\nlevel=\'info\'\n', { 'log/level': 'info' }],
    ['a number as DCV reads it', '[connectivity]\nweb-port=0x24E3\n', { 'connectivity/web-port': '9443' }],
    ['what nobody documents, as it is written', '[x]\ny=[1]\n', { 'x/y': '[1]' }],
    [
      'nothing that DCV does not take',
      '[connectivity]\nweb-port=80\nidle-timeout=1.5\nweb-use-hsts="true"\n',
      {},
    ],
  ])('reads %s', (_what, conf, values) => {
    expect(readConf(conf)).toEqual(values);
  });

  it('leaves DCV’s default where that counts', () => {
    const conf = readConf('[security]\nauthentication="nobody"\n[connectivity]\nweb-port="9443"\n');
    expect([loginMode(conf), webPort(conf)]).toEqual(['system', 8443]);
  });
});
