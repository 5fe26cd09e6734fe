import { describe, expect, it } from 'vitest';
import { LOGIN_COOKIE } from '../../../src/gateway/config/login.ts';
import { renderGateway } from '../../../src/gateway/render.ts';
import { twoAgents } from './inventories.ts';

const config = (basic: boolean): string => renderGateway(twoAgents({ access: { basic } })).config;
const linesWith = (text: string, words: RegExp): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => words.test(line));

describe('the login', () => {
  it('is not in the configuration of a gateway that asks nobody, but for its cookie, which agents never get', () => {
    expect(linesWith(config(false), /auth_basic|Set-Cookie|Authorization|dcv_login|dcv_guesser/)).toEqual([]);
    expect(linesWith(config(false), /set_header Cookie/)).toEqual(['proxy_set_header Cookie $dcv_cookies;']);
  });

  // A release is kept, shown as a diff and sent to support: whatever opens the door may not be in it.
  it('has its users and its secret in files beside the release', () => {
    const text = config(true);
    expect(linesWith(text, /^auth_basic|^include/)).toEqual([
      'include "/etc/nginx/dcv-gateway/state/login/accept*.map";',
      'include "/etc/nginx/dcv-gateway/state/login/issue*.map";',
      'auth_basic $dcv_realm;',
      'auth_basic_user_file "/etc/nginx/dcv-gateway/state/users";',
    ]);
    expect(text).not.toMatch(new RegExp(`${LOGIN_COOKIE}=[0-9a-f]`));
  });

  it('gives its cookie in locations behind it only, and never with an error', () => {
    const text = config(true);
    const locations = text.split(/^ *location /m).filter((part) => part.includes('Set-Cookie'));
    expect(locations.length).toBeGreaterThan(3);
    expect(
      locations.map((part) => part.split(' ')[0]).filter((name) => !/^@dcv_(?!error)/.test(name ?? '')),
    ).toEqual([]);
    expect(linesWith(text, /Set-Cookie.*always/)).toEqual([]);
  });
});
