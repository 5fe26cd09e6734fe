import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { contains } from '../../../src/inventory/addresses.ts';
import { DEFAULTS } from '../../../src/inventory/defaults.ts';
import { NEVER_AGENTS } from '../../../src/inventory/never-agents.ts';
import type { AccessSettings, AgentHost, GatewaySettings } from '../../../src/inventory/types.ts';
import { agent, gatewaySettings } from '../../unit/gateway/inventories.ts';

/** Another one in every run; `DCVOPS_TEST_SEED` repeats the run that failed. */
export const SEED = Number(process.env['DCVOPS_TEST_SEED'] ?? Date.now() % 2 ** 31);
export const IS_LONG = process.env['DCVOPS_TEST_LONG'] === '1';

/** A tenth of what is made up by default: for a second run, with another Node, of what nginx was tried with already. */
export const IS_BRIEF = process.env['DCVOPS_TEST_BRIEF'] === '1';

/** What a gateway is rendered from, made up. */
export interface MadeInventory {
  readonly agents: readonly AgentHost[];
  readonly settings: GatewaySettings;
  readonly hasIPv6: boolean;
  readonly ownAddresses: readonly string[];
}

const isServed = (address: string): boolean =>
  !NEVER_AGENTS.some((never) => contains(never.network, address));

const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((octets) => `10.${octets.join('.')}`);
const ipv6 = fc
  .tuple(fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 1, max: 0xffff }))
  .map(([a, b]) => `fd00:150::${a.toString(16)}:${b.toString(16)}`);
const address = fc.oneof(ipv4, ipv6).filter(isServed);

// Far more than the inventory's schema lets through: names are quoted, not trusted.
const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom(...Array.from(`"'\\{};#$ ~^|()[]*?.%/é日`)),
      minLength: 1,
      maxLength: 30,
    }),
    fc.constantFrom(
      ...['health', 'default', 'include', 'volatile', 'hostnames', '~x', '10.0.0.1', '$uri', '${x}'],
    ),
  )
  .filter((text) => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text));

const agents = fc
  .uniqueArray(fc.tuple(name, address), { maxLength: 12, selector: ([, host]) => host })
  .map((pairs) => pairs.filter(([one], index) => pairs.findIndex(([other]) => other === one) === index))
  .map((pairs) => pairs.map(([one, host]) => agent(one, host)));

const network4 = fc
  .tuple(fc.integer({ min: 0, max: 24 }), fc.nat(255))
  .map(([bits, octet]) => (bits < 8 ? '10.0.0.0/8' : bits < 16 ? '0.0.0.0/0' : `10.${octet}.0.0/16`));
const networks = fc.uniqueArray(fc.oneof(network4, fc.constantFrom('fd00:150::/32', '::/0')), {
  maxLength: 6,
});

const lists = fc.record({ allow: fc.oneof(fc.constant('any' as const), networks), deny: networks });

/** What differs between agents: most are in service and for everybody. */
const traits = fc.record({
  state: fc.constantFrom('in-service', 'in-service', 'maintenance', 'draining'),
  access: fc.oneof(fc.constant({ allow: 'any', deny: [] } as const), lists),
});

/** Settings that are off by default. */
const extras = fc.record({
  defaultBy: fc.constantFrom('proxy', 'redirect'),
  weights: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 }),
  deny: networks,
  realIpFrom: fc.oneof(fc.constant([]), networks),
  basic: fc.boolean(),
  rate: fc.constantFrom<AccessSettings['rate']>(DEFAULTS.rate, 'off'),
  verifyAgents: fc.boolean(),
  portal: fc.boolean(),
});

/** Inventories, the odd ones that the schema refuses among them. */
export function inventories({
  pem,
  ...tls
}: {
  readonly certificate: string;
  readonly key: string;
  /** The certificate that is pinned for agents. */
  readonly pem: string;
}): fc.Arbitrary<MadeInventory> {
  return fc
    .record({
      plainAgents: agents,
      traits: fc.array(traits, { minLength: 12, maxLength: 12 }),
      extras,
      defaults: fc.array(fc.nat(20), { maxLength: 4 }),
      listenAddress: fc.option(address, { nil: undefined }),
      port: fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom(8443, 18_081)),
      networks,
      allow: fc.oneof(fc.constant('any' as const), networks),
      hasIPv6: fc.boolean(),
      ownAddresses: fc.uniqueArray(fc.oneof(address, fc.constantFrom('127.0.0.1', '::1', 'fe80::1')), {
        maxLength: 4,
      }),
    })
    .map((made) => ({
      ...made,
      agents: made.plainAgents.map((one, index) => ({
        ...one,
        ...made.traits[index],
        ...(made.extras.verifyAgents ? { pinned: pem } : {}),
      })),
      chosen: [...new Set(made.defaults)],
    }))
    .map(({ extras: { weights, deny, realIpFrom, basic, rate, ...more }, chosen, ...made }) => ({
      agents: made.agents,
      hasIPv6: made.hasIPv6,
      ownAddresses: made.ownAddresses,
      settings: gatewaySettings({
        listen: { address: made.listenAddress, port: made.port },
        tls: { kind: 'files', ...tls },
        default: chosen.flatMap((index) => made.agents[index] ?? []),
        weights: new Map(
          weights.flatMap((weight, index) => {
            const weighted = made.agents[chosen[index] ?? -1];
            return weighted === undefined ? [] : [[weighted.name, weight] as const];
          }),
        ),
        ...more,
        agentNetworks: made.networks,
        access: { allow: made.allow, deny, realIpFrom, basic, rate },
      }),
    }));
}

/** Request targets (one character a byte, no line ends) that are about this inventory, or nearly. */
export function targets({ agents: known, settings, ownAddresses }: MadeInventory): fc.Arbitrary<string> {
  const hosts = known.map(({ host }) => host);
  const all = [...settings.agentNetworks, ...NEVER_AGENTS.map(({ network }) => network)];
  const anAddress = fc.oneof(
    { weight: hosts.length > 0 ? 4 : 0, arbitrary: fc.constantFrom(...hosts, '10.0.0.1') },
    { weight: 4, arbitrary: fc.constantFrom(...all).chain(insideOrBeside) },
    { weight: 1, arbitrary: fc.constantFrom(...ownAddresses, '10.213.66.188') },
    { weight: 1, arbitrary: fc.ipV4() },
    { weight: 1, arbitrary: fc.ipV6() },
  );
  const segment = fc.oneof(
    { weight: 4, arbitrary: anAddress },
    { weight: 4, arbitrary: anAddress.chain(spelt) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...known.map((one) => encodeURIComponent(one.name)), ...WORDS),
    },
  );
  return fc
    .tuple(BEGINNING, segment, REST, fc.option(MUTATION, { freq: 1 }))
    .map(([first, middle, rest, mutate]) => {
      const target = first + middle + rest;
      return mutate === null ? target : mutate(target);
    });
}

/** Addresses of a network, those at its ends, and their neighbours outside. */
function insideOrBeside(network: string): fc.Arbitrary<string> {
  const [base, bits] = ipaddr.parseCIDR(network);
  const bytes = base.toByteArray();
  const size = 2n ** BigInt(bytes.length * 8 - bits);
  const first = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const most = 2n ** BigInt(bytes.length * 8) - 1n;
  return fc
    .oneof(fc.bigInt({ min: 0n, max: size - 1n }), fc.constantFrom(-1n, 0n, size - 1n, size))
    .map((offset) => {
      const value = first + offset;
      const within = value < 0n ? most : value > most ? 0n : value;
      const hex = within.toString(16).padStart(bytes.length * 2, '0');
      return ipaddr.fromByteArray([...Buffer.from(hex, 'hex')]).toString();
    });
}

/** The spellings of an address that some program somewhere understands. */
function spelt(text: string): fc.Arbitrary<string> {
  if (!isIPv4(text)) {
    const groups = ipaddr.IPv6.parse(text).parts.map((part) => part.toString(16));
    return fc.constantFrom(
      ...[text, text.toUpperCase(), `[${text}]`, `%5B${text}%5d`, `[${text}`, `${text}]`],
      ...[groups.join(':'), groups.map((group) => group.padStart(4, '0')).join(':')],
      ...[`[${text}]:22`, `${text}%25eth0`, `${text}.`, `::${text}`],
    );
  }
  const octets = text.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  const low = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  return fc.constantFrom(
    ...[
      text,
      text,
      text,
      text,
      text,
      `${text}.`,
      `${text}:22`,
      `${text}%3a22`,
      `${text}@10.0.0.1`,
      `0${text}`,
    ],
    ...[`::ffff:${low}`, `[::ffff:${low}]`, `0:0:0:0:0:ffff:${low}`, `::ffff:${text}`, `::${low}`],
    ...[`64:ff9b::${low}`, `2002:${low}::1`],
    ...[octets.map((octet) => `0x${octet.toString(16)}`).join('.'), `0${a.toString(8)}.${b}.${c}.${d}`],
    ...[
      String(a * 2 ** 24 + b * 2 ** 16 + c * 256 + d),
      `${a}.${b * 2 ** 16 + c * 256 + d}`,
      `${a + 256}.${b}.${c}.${d}`,
    ],
  );
}

const WORDS = [
  '',
  '.',
  '..',
  '%2e%2e',
  'health',
  'portal',
  'auth',
  'ws',
  'localhost',
  'a.b',
  '1',
  '::',
  ':',
  '...',
];

const BEGINNING = fc.oneof(
  { weight: 100, arbitrary: fc.constant('/') },
  {
    weight: 15,
    arbitrary: fc.constantFrom(
      ...[
        '//',
        '/./',
        '/x/../',
        '/%2f',
        '/@',
        '//h@',
        '/\\',
        '/%09',
        'http://h/',
        'HTTPS://h:1/',
        'https://h',
      ],
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('', '*', '\\', '/../', 'ftp://h/') },
);

const PIECES = [
  ...[
    'a',
    'js/main.js',
    '/',
    '//',
    '.',
    '..',
    '/../',
    '/./',
    '%2F',
    '%2e%2e',
    '%0d%0a',
    '%0D%0AHost:%20x',
    '%25',
  ],
  ...[
    '%20HTTP/1.1%0d%0a%0d%0aGET%20/',
    '?',
    '?authToken=s3cret',
    '&',
    '=',
    '#',
    ';',
    ',',
    ':',
    '@',
    '+',
    '|',
    '"',
  ],
  ...[
    "'",
    '`',
    '^',
    '~',
    '{',
    '}',
    '[',
    ']',
    '%5B',
    '\\',
    '$',
    '$uri',
    '${x}',
    '$1',
    '<',
    '>',
    '\xe9',
    '\xff',
    '%ff',
  ],
];
/** What nginx refuses, or may refuse, and then ends the connection: seldom, so that connections live. */
const REFUSED = [' ', '\t', '\x01', '\x7f', '%00', '%zz', '%', '..', '/../', '/../../'];
const PIECE = fc.oneof(
  { weight: 100, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.constantFrom(...REFUSED) },
);

const REST = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('', '?authToken=s3cret', '%2f', '%3f') },
  { weight: 2, arbitrary: fc.constant('/') },
  { weight: 6, arbitrary: fc.array(PIECE, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`) },
);

const MUTATION: fc.Arbitrary<(target: string) => string> = fc
  .tuple(fc.nat(40), PIECE, fc.constantFrom('insert', 'replace', 'delete', 'encode'))
  .map(([at, piece, kind]) => (target) => {
    const here = target.length < 2 ? 0 : 1 + (at % (target.length - 1)); // most begin with a slash, and stay so
    const code = target.charCodeAt(here).toString(16).padStart(2, '0');
    const instead = { insert: piece + target.charAt(here), replace: piece, delete: '', encode: `%${code}` };
    return target.slice(0, here) + instead[kind] + target.slice(here + 1);
  });
