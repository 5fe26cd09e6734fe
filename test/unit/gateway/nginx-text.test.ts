import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import {
  NOTHING,
  address,
  comment,
  endpoint,
  identifier,
  network,
  nginx,
  path,
  pathSegment,
  quoted,
  sections,
  zoneName,
} from '../../../src/gateway/nginx-text.ts';

describe('the template', () => {
  it('keeps backslashes, takes the common indentation away', () => {
    const text = nginx`
      map $a $b {
          "~^\d+\|$" "x\n";
      }
    `;
    expect(text.toString()).toBe('map $a $b {\n    "~^\\d+\\|$" "x\\n";\n}');
  });

  it('indents blocks, gives each of a list its line, and leaves out what is empty', () => {
    const block = nginx`
      one {
          two;
      }
    `;
    const text = nginx`
      server {
          ${block}
          ${[nginx`a;`, NOTHING, nginx`b;`]}
          ${[]}
          ${NOTHING}
          listen ${8443} ${nginx`ssl`} ${NOTHING};
      }
    `;
    expect(text.toString()).toBe(
      'server {\n    one {\n        two;\n    }\n    a;\n    b;\n    listen 8443 ssl ;\n}',
    );
  });

  it('parts sections with one empty line', () => {
    expect(sections(nginx`a;`, NOTHING, nginx`b;`).toString()).toBe('a;\n\nb;');
  });
});

/** Reads one argument as nginx does (ngx_conf_read_token): quotes, and the escapes inside them. */
function readByNginx(argument: string): string {
  const body = /^"((?:[^"\\]|\\.)*)"$/s.exec(argument)?.[1];
  if (body === undefined) throw new Error(`not one quoted argument: ${argument}`);
  const escapes: Record<string, string> = { t: '\t', r: '\r', n: '\n' };
  return body.replace(/\\(["'\\trn])/g, (_, letter: string) => escapes[letter] ?? letter);
}

// Whoever may name an agent or a certificate must not be able to write nginx directives with it.
describe('text from the inventory', () => {
  const printable = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter((text) => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text));

  it('stays one argument with the same value', () => {
    fc.assert(
      fc.property(printable, (text) => {
        fc.pre(!text.includes('$'));
        expect(readByNginx(quoted(text).toString())).toBe(text);
      }),
    );
  });

  it('makes a path segment that matches this name as browsers send it, and nothing else', () => {
    fc.assert(
      fc.property(printable, printable, (name, other) => {
        const source = readByNginx(pathSegment(name).toString()).replace(/^~/, '');
        const pattern = new RegExp(source, 's');
        expect(pattern.test(`/${encodeURIComponent(name)}`)).toBe(true);
        expect(pattern.test(`/${encodeURIComponent(other)}`)).toBe(name === other);
      }),
    );
  });

  it.each(['a\nb', 'a\rb', 'a\0b', '\u001b[31m', 'a\u0085b', 'a\u2028b'])(
    'refuses control characters: %j',
    (text) => {
      for (const maker of [quoted, comment, pathSegment]) expect(() => maker(text)).toThrow(DcvopsError);
    },
  );

  it('refuses "$" in a string, which nginx cannot have literally', () => {
    expect(() => quoted('/etc/$HOME/x.crt')).toThrow(/start of a variable/);
  });

  it('refuses a relative path, which nginx would look up elsewhere', () => {
    expect(() => path('certs/dcv.crt')).toThrow(/absolute/);
    expect(path('/etc/a b";{}.crt').toString()).toBe('"/etc/a b\\";{}.crt"');
  });

  it('refuses half a surrogate pair, which has no bytes', () => {
    expect(() => pathSegment('\ud800')).toThrow(/not valid Unicode/);
  });
});

describe('addresses', () => {
  it.each([
    ['10.0.0.5', '10.0.0.5'],
    ['FD00:0:0::5', 'fd00::5'],
  ])('%s is written %s', (text, expected) => {
    expect(address(text).toString()).toBe(expected);
  });

  it.each(['10.1', '010.0.0.1', '0x7f.0.0.1', '10.0.0.1; deny all', 'fe80::1%eth0', 'host', ''])(
    'refuses %j',
    (text) => {
      expect(() => address(text)).toThrow(DcvopsError);
    },
  );

  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.5', '10.0.0.5/32'],
    ['fd00:150:0::/64', 'fd00:150::/64'],
    ['::/0', '::/0'],
  ])('network %s is written %s', (text, expected) => {
    expect(network(text).toString()).toBe(expected);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/8;', 'any', '/8'])(
    'refuses network %j',
    (text) => {
      expect(() => network(text)).toThrow(DcvopsError);
    },
  );

  it('puts IPv6 in brackets before a port', () => {
    expect(endpoint('fd00::5', 8443).toString()).toBe('[fd00::5]:8443');
    expect(() => endpoint('10.0.0.1', 0)).toThrow(RangeError);
  });
});

describe('names of our own', () => {
  it('are identifiers', () => {
    expect(identifier('dcv_10_0_0_5').toString()).toBe('dcv_10_0_0_5');
    expect(() => identifier('a b')).toThrow(RangeError);
  });

  // nginx reports success, and keeps the old configuration, when a zone's key changes under the same name.
  it('give a zone another name when it counts by something else', () => {
    expect(zoneName('z', nginx`$a`).toString()).not.toBe(zoneName('z', nginx`$b`).toString());
    expect(zoneName('z', nginx`$a`).toString()).toMatch(/^z_[0-9a-f]{6}$/);
  });
});
