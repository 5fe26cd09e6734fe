import fc from 'fast-check';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import { findInventory, loadInventory } from '../../../src/inventory/load.ts';
import { GOOD, changed, failureOf, parse, problemsOf } from './texts.ts';

describe('a good inventory', () => {
  it('is read with its defaults filled in', async () => {
    const { proxies, agents, gateway, sessions, agentDefaults } = await parse(GOOD);
    expect(proxies).toEqual([
      {
        role: 'proxy',
        name: 'gateway',
        host: '10.213.66.188',
        tags: [],
        position: { file: 'hosts.yaml', line: 4 },
        ssh: {
          user: 'ec2-user',
          key: '/home/anna/.ssh/tom.pem',
          port: 50000,
          jump: undefined,
          knownHosts: undefined,
          hostKeys: 'strict',
        },
      },
    ]);
    expect(
      agents.map(({ name, host, tags, adHoc, position }) => [name, host, tags, adHoc, position.line]),
    ).toEqual([
      ['agent1', '10.150.248.180', ['ubuntu', 'gpu'], false, 6],
      ['agent2', '10.150.248.136', ['gpu'], false, 7],
    ]);
    expect(gateway).toEqual({
      listen: { address: undefined, port: 8443 },
      url: undefined,
      tls: {
        kind: 'files',
        certificate: '/etc/dcv-connection-gateway/certs/dcv.crt',
        key: '/etc/dcv-connection-gateway/certs/dcv.key',
      },
      default: [agents[0]],
      defaultBy: 'proxy',
      weights: new Map([['agent1', 1]]),
      agentNetworks: ['10.150.248.0/24', 'fd00:150::/64'],
      access: {
        allow: ['10.213.0.0/16'],
        deny: [],
        realIpFrom: [],
        basic: false,
        rate: { requests: 1000, handshakes: 100, connections: 8000 },
      },
      verifyAgents: false,
      portal: false,
      workerConnections: 16384,
    });
    expect(sessions).toEqual({
      type: 'virtual',
      user: 'ec2-user',
      owner: 'ec2-user',
      id: 'desktop-session',
    });
    expect(agentDefaults).toEqual(agents[0]?.ssh);
  });

  it('takes SSH settings from the host, then the agents’ defaults, then everybody’s', async () => {
    const { proxies, agents, agentDefaults } = await parse(`
defaults:
  ssh: { user: everybody, port: 1, key: /k, known_hosts: known, host_keys: accept-new }
  agents: { ssh: { user: agents, port: 2, jump: gw } }
proxies: [{ name: gw, host: gw.example }]
agents:
  - { name: own, host: 10.0.0.1, ssh: { port: 3, host_keys: strict, jump: none } }
  - { name: plain, host: 10.0.0.2 }
gateway: { access: { allow: any } }
`);
    const common = { key: '/k', knownHosts: '/fleet/known' };
    expect(proxies[0]?.ssh).toEqual({
      ...common,
      user: 'everybody',
      port: 1,
      jump: undefined,
      hostKeys: 'accept-new',
    });
    expect(agents[0]?.ssh).toEqual({
      ...common,
      user: 'agents',
      port: 3,
      jump: undefined,
      direct: true,
      hostKeys: 'strict',
    });
    expect(agents[1]?.ssh).toEqual({
      ...common,
      user: 'agents',
      port: 2,
      jump: 'gw',
      hostKeys: 'accept-new',
    });
    expect(agentDefaults).toEqual(agents[1]?.ssh);
  });

  it('reaches the host that everybody’s jump names without a jump', async () => {
    const { proxies, agents } = await parse(changed('key:', 'jump: gateway, key:'));
    expect(proxies[0]?.ssh.jump).toBeUndefined();
    expect(agents.map(({ ssh }) => ssh.jump)).toEqual(['gateway', 'gateway']);
  });

  it('resolves relative keys against its own folder, wherever the command is typed', async () => {
    const { proxies } = await parse(changed('~/.ssh/tom.pem', 'keys/tom.pem'));
    expect(proxies[0]?.ssh.key).toBe('/fleet/keys/tom.pem');
  });

  it('routes its own agents only, when it names no networks', async () => {
    const text = changed(
      'agent_networks: [10.150.248.0/24, "fd00:150::/64"]',
      '',
      changed('10.150.248.136', 'FD00:0::5'),
    );
    const { gateway, agents } = await parse(text);
    expect(gateway.agentNetworks).toEqual(['10.150.248.180/32', 'fd00::5/128']);
    expect(agents[1]?.host).toBe('fd00::5');
  });

  it.each([
    ['self-signed', '/etc/nginx/dcv-gateway.crt', '/etc/nginx/dcv-gateway.key'],
    ['{ self_signed: true, certificate: /c.crt, key: /c.key }', '/c.crt', '/c.key'],
  ])('knows where a certificate that it creates goes: tls: %s', async (tls, certificate, key) => {
    const { gateway } = await parse(changed('default: agent1', `tls: ${tls}`));
    expect(gateway.tls).toEqual({ kind: 'self-signed', certificate, key });
  });

  it('makes a pool of several default agents, in their order', async () => {
    const { gateway } = await parse(changed('default: agent1', 'default: [agent2, agent1]'));
    expect(gateway.default.map(({ name }) => name)).toEqual(['agent2', 'agent1']);
  });

  it.each([
    ['sessions: { defaults: { user: anna } }', 'anna', 'anna'],
    ['sessions: { defaults: { user: anna, owner: bob } }', 'anna', 'bob'],
    ['sessions: { defaults: { owner: bob } }', 'bob', 'bob'],
    ['sessions: {}', 'ec2-user', 'ec2-user'],
  ])('always knows a session’s user and owner, or it would be root’s: %s', async (section, user, owner) => {
    const { sessions } = await parse(`${GOOD}${section}\n`);
    expect(sessions).toMatchObject({ user, owner });
  });

  it('reads aliases: a fleet may share its settings in YAML’s own way', async () => {
    const { agents } = await parse(
      changed('tags: [ubuntu, gpu]', 'ssh: &far { user: ubuntu }', changed('tags: [gpu]', 'ssh: *far')),
    );
    expect(agents.map(({ ssh }) => ssh.user)).toEqual(['ubuntu', 'ubuntu']);
  });
});

describe('text that is no good YAML', () => {
  it.each([
    [
      'a tab',
      'defaults:\n\tssh: {}\n',
      'hosts.yaml:2:1: not YAML: a tab indents this line, YAML takes spaces only',
    ],
    [
      'a key twice',
      'gateway: {}\nproxies: []\ngateway: {}\n',
      'hosts.yaml:3:1: the same key as in line 1 (gateway)',
    ],
    [
      'two documents',
      'a: 1\n---\nb: 1\n',
      'hosts.yaml:2:1: not YAML: a second document begins here (---), one file holds one inventory',
    ],
    [
      'YAML 1.1, where 0644 and yes mean other things',
      '%YAML 1.1\n---\na: 1\n',
      'hosts.yaml:1:1: only YAML 1.2 is read: take the %YAML line out',
    ],
    [
      'a merge key',
      'gateway: { <<: *x }\n',
      'hosts.yaml:1:12: merge keys are not read; defaults.ssh and defaults.agents.ssh say a thing once (gateway.<<)',
    ],
    ['an alias of nothing', 'gateway: *x\n', 'hosts.yaml:1:10: no &x stands before this (gateway)'],
    [
      'an alias inside of itself',
      'proxies: &x [*x]\n',
      'hosts.yaml:1:14: an alias of something that it is part of (proxies[0])',
    ],
    ['a tag', 'gateway: !ruby/object {}\n', 'hosts.yaml:1:10: not YAML: Unresolved tag: !ruby/object'],
    ['a key that is a list', '? [a]\n: 1\n', 'hosts.yaml:1:3: a key that is not a word'],
    [
      'IPv6 without quotes',
      'listen: [fd00::1]:8443\n',
      'hosts.yaml:1:18: not YAML: Unexpected scalar at node end (an IPv6 address may need quotes here)',
    ],
    [
      'a tag on the command line’s way',
      'default: @gpu\n',
      'hosts.yaml:1:10: not YAML: Plain value cannot start with reserved character @',
    ],
  ])('%s', async (_, text, problem) => {
    expect(await problemsOf(text)).toContain(problem);
  });

  it.each(['022', '0x16', '0o26', '2e1', '.inf', '-0'])(
    'a port written as %s, which other programs read as another number',
    async (port) => {
      const problems = await problemsOf(changed('50000', port));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain('proxies[0].ssh.port');
    },
  );

  it('a few lines of aliases that stand for billions of values', async () => {
    const levels = 'bcdefghij'.split('').map((name, index) => {
      const previous = 'abcdefghi'[index] ?? '';
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${previous}`).join(', ')}]\n`;
    });
    const problems = await problemsOf(`a: &a [x, x]\n${levels.join('')}`);
    expect(problems[0]).toContain('aliases stand for more than 20000 values');
  });

  it('brackets without end', async () => {
    const [problem] = await problemsOf('['.repeat(3_000));
    expect(problem).toContain('hosts.yaml:1:');
  });

  it('escape sequences in a message: they are shown, not obeyed', async () => {
    const [problem = ''] = await problemsOf(changed('name: agent2', 'name: "\\e[2J\\u202eagent\\x9b"'));
    expect(problem).toContain(String.raw`found "\u001b[2J\u202eagent\u009b"`);
  });

  it('nothing at all', async () => {
    for (const text of ['', '# nothing yet\n', '---\n', '~\n']) {
      expect((await failureOf(parse(text))).message).toBe('hosts.yaml is empty');
    }
  });

  it('anything: the answer is an inventory or a list of problems, never a crash', async () => {
    const piece = fc.oneof(
      fc.constantFrom(...GOOD.split(/(?<=[\n ,{}[\]:])/)),
      fc.constantFrom(
        '&a ',
        '*a',
        '<<: ',
        '? ',
        '!!str ',
        '- ',
        '\t',
        '\r\n',
        '%YAML 1.1',
        '---\n',
        '"',
        "'",
        '|\n',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
        await expectInventoryOrProblems(pieces.join(''));
      }),
      { numRuns: 400 },
    );
  });

  it('a good inventory with one piece changed, dropped or doubled', async () => {
    const pieces = GOOD.split(/(?<=[\n ,{}[\]:])/);
    const edit = fc.record({
      at: fc.nat({ max: pieces.length - 1 }),
      by: fc.oneof(
        fc.constantFrom('', 'null', '[]', '{}', '0', '-1', '1e999', 'true', '"\\0"', 'a: b', '~'),
        fc.constantFrom(...pieces),
        fc.string({ maxLength: 8 }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        const text = pieces.map((piece, index) => edits.find(({ at }) => at === index)?.by ?? piece).join('');
        await expectInventoryOrProblems(text);
      }),
      { numRuns: 400 },
    );
  });
});

async function expectInventoryOrProblems(text: string): Promise<void> {
  try {
    const { proxies } = await parse(text);
    expect(proxies.length).toBeGreaterThan(0);
  } catch (error) {
    if (!(error instanceof DcvopsError)) throw error;
    expect(error.code).toBe('inventory');
    expect(error.message).toMatch(
      /^hosts\.yaml(:[1-9][0-9]*:[1-9][0-9]*: | has [0-9]+ problems:\n| is empty$)/,
    );
    expect(error.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|undefined|\[object/);
  }
}

describe('a file', () => {
  let folder = '';
  let file = '';

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dcvops-inventory-'));
    file = path.join(folder, 'hosts.yaml');
    await writeFile(path.join(folder, 'tom.pem'), PRIVATE_KEY, { mode: 0o600 });
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const OWN_KEY = changed('~/.ssh/tom.pem', 'tom.pem');

  async function messageOf(content: string | Uint8Array): Promise<string> {
    await writeFile(file, content);
    const { message, code } = await failureOf(loadInventory(file));
    expect(code).toBe('inventory');
    return message.replaceAll(`${folder}/`, '');
  }

  it.each([
    ['with Windows’ line ends', OWN_KEY.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\ufeff${OWN_KEY}`],
    ['without a line end at its end', OWN_KEY.trimEnd()],
  ])('%s is read, and places are counted right', async (_, text) => {
    await writeFile(file, text);
    const { agents } = await loadInventory(file);
    expect(agents.map(({ name, position }) => [name, position.line])).toEqual([
      ['agent1', 6],
      ['agent2', 7],
    ]);
    expect(await messageOf(text.replace('defaults', 'default5'))).toContain('hosts.yaml:1:1: unknown key');
  });

  it('in another encoding is told as that', async () => {
    expect(await messageOf(Buffer.from(`\ufeff${GOOD}`, 'utf16le'))).toBe(
      'hosts.yaml:1:1: saved as UTF-16, has to be UTF-8',
    );
    expect(await messageOf(Buffer.from('a: 1\nb: b\u00fcro\n', 'latin1'))).toBe(
      'hosts.yaml:2:5: not UTF-8 from here on',
    );
    expect(await messageOf('a: 1\nb: \0\n')).toBe('hosts.yaml:2:4: a NUL byte; this is no text file');
  });

  it('of 10 MB is refused at once', async () => {
    expect(await messageOf('# long\n'.repeat(1_500_000))).toBe(
      'hosts.yaml is larger than 512 KiB; that is no inventory',
    );
  });

  it('of a thousand agents is read', async () => {
    const agents = Array.from({ length: 1000 }, (_, index) => {
      const address = `10.150.${200 + Math.floor(index / 250)}.${(index % 250) + 1}`;
      return `  - { name: a${index}, host: ${address}, tags: [gpu], ssh: { user: ubuntu } }\n`;
    });
    const [before = ''] = OWN_KEY.split('agents:');
    await writeFile(file, `${before}agents:\n${agents.join('')}gateway: { access: { allow: any } }\n`);
    expect((await loadInventory(file)).agents).toHaveLength(1000);
  });

  it('that is not there, or is a folder', async () => {
    const missing = await failureOf(loadInventory('hosts.yml', { cwd: folder }));
    expect(missing.message).toBe('hosts.yml: no such file');
    expect(missing.hint).toContain('dcvops init');
    expect((await failureOf(loadInventory('.', { cwd: folder }))).message).toBe('.: a folder, not a file');
  });

  it('is named in messages as the user named it', async () => {
    await writeFile(file, OWN_KEY);
    expect((await loadInventory('hosts.yaml', { cwd: folder })).file).toBe('hosts.yaml');
  });

  describe('with a private key', () => {
    const place = 'hosts.yaml:2:31: ';

    it('that is not there', async () => {
      await rm(path.join(folder, 'tom.pem'));
      expect(await messageOf(OWN_KEY)).toBe(
        `${place}no such key file (defaults.ssh.key): found "tom.pem" (tom.pem), allowed: the path of a private key`,
      );
    });

    it.each([0o604, 0o640, 0o666])(
      'that others can read (mode %o), with the command that mends it',
      async (mode) => {
        await chmod(path.join(folder, 'tom.pem'), mode);
        await writeFile(file, OWN_KEY);
        const { message, hint } = await failureOf(loadInventory(file));
        expect(message).toContain('others can read the private key (defaults.ssh.key)');
        expect(hint).toBe(`chmod 600 ${folder}/tom.pem`);
      },
    );

    it.each([
      ['the public one', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI anna@laptop\n', 'a public key'],
      ['a certificate', '-----BEGIN CERTIFICATE-----\n', 'no private key in this file'],
      ['nothing', '', 'no private key in this file'],
    ])('that is %s', async (_, content, problem) => {
      await writeFile(path.join(folder, 'tom.pem'), content);
      expect(await messageOf(OWN_KEY)).toContain(`${place}${problem} (defaults.ssh.key)`);
    });

    it('that is a folder', async () => {
      await rm(path.join(folder, 'tom.pem'));
      await mkdir(path.join(folder, 'tom.pem'));
      expect(await messageOf(OWN_KEY)).toContain(`${place}the key is not a file`);
    });

    it('in PEM behind text, or in PuTTY’s form', async () => {
      await writeFile(file, OWN_KEY);
      for (const content of [`Bag Attributes\n${PRIVATE_KEY}`, 'PuTTY-User-Key-File-3: ssh-ed25519\n']) {
        await writeFile(path.join(folder, 'tom.pem'), content);
        await expect(loadInventory(file)).resolves.toHaveProperty('file');
      }
    });

    it('that nobody needs now is not looked at', async () => {
      await rm(path.join(folder, 'tom.pem'));
      await writeFile(file, OWN_KEY);
      await expect(loadInventory(file, { inspectKey: undefined })).resolves.toHaveProperty('file');
    });

    it('once for all hosts that share it, beside all other problems', async () => {
      const asked: string[] = [];
      const problems = await problemsOf(
        changed('50000 }', '0, key: ~/.ssh/tom.pem }', changed('tags: [gpu]', 'ssh: { key: other.pem }')),
        {
          inspectKey: (key) => {
            asked.push(key);
            return Promise.resolve(key.endsWith('other.pem') ? 'missing' : 'usable');
          },
        },
      );
      expect(asked).toEqual(['/home/anna/.ssh/tom.pem', '/fleet/other.pem']);
      expect(problems.map((problem) => problem.split(' (')[0])).toEqual([
        'hosts.yaml:4:56: wrong value',
        'hosts.yaml:7:55: no such key file',
      ]);
    });
  });

  describe('is found', () => {
    it('by --inventory, DCVOPS_INVENTORY, then at the usual places', async () => {
      const find = (flag?: string, env: NodeJS.ProcessEnv = {}): Promise<string> =>
        findInventory({ flag, env, cwd: folder });
      const { code, hint } = await failureOf(find());
      expect(code).toBe('inventory');
      expect(hint).toContain('dcvops init');

      await writeFile(path.join(folder, 'dcvops.yaml'), '');
      expect(await find()).toBe('dcvops.yaml');
      await mkdir(path.join(folder, 'inventory'));
      await writeFile(path.join(folder, 'inventory/hosts.yaml'), '');
      expect(await find()).toBe('inventory/hosts.yaml');
      expect(await find(undefined, { DCVOPS_INVENTORY: 'lab.yaml' })).toBe('lab.yaml');
      expect(await find(undefined, { DCVOPS_INVENTORY: '' })).toBe('inventory/hosts.yaml');
      expect(await find('x.yaml', { DCVOPS_INVENTORY: 'lab.yaml' })).toBe('x.yaml');
    });
  });
});

const PRIVATE_KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\n';
