import { describe, expect, it } from 'vitest';
import { encodeChange, hintForRefusal } from '../../../src/gateway/transaction.ts';

describe('what the host is told to change', () => {
  it('is a line for each file, and the bytes counted as bytes', () => {
    const told = encodeChange('apply', '3f9a1c0d5e7b', 'absent', '-', [
      { kind: 'write', path: '/etc/nginx/a b.conf', mode: '644', content: '# ü\n' },
      { kind: 'remove', path: '/etc/nginx/old.conf' },
    ]);
    expect(told.toString()).toBe(
      'apply 3f9a1c0d5e7b absent -\nwrite 644 5 /etc/nginx/a b.conf\n# ü\nremove - - /etc/nginx/old.conf\nend\n',
    );
  });

  it.each([
    '/etc/nginx/sites-enabled/default ',
    '/etc/nginx/a\nend',
    '/etc/nginx/\ufffd.conf',
    '/etc/nginx/a\t',
  ])('never names another file than was meant: %j is refused', (path) => {
    expect(() => encodeChange('apply', 'x', 'absent', '-', [{ kind: 'remove', path }])).toThrow(
      /cannot be passed on safely/,
    );
  });
});

describe('what to do when nginx refuses a candidate', () => {
  it('names what the host sets as well, where nginx takes it only once', () => {
    const said =
      'nginx: [emerg] "variables_hash_max_size" directive is duplicate in /etc/nginx/conf.d/dcv-gateway.conf:9';
    expect(hintForRefusal(said, 'gateway')).toBe(
      "take it out of the host's own files, for the gateway sets it: dcvops exec --sudo gateway -- grep -rnw variables_hash_max_size /etc/nginx",
    );
  });

  it('is to look at the change otherwise', () => {
    expect(hintForRefusal('nginx: [emerg] unknown directive "x"', 'gateway')).toMatch(
      /^dcvops deploy --dry-run/,
    );
  });
});
