import { describe, expect, it } from 'vitest';
import { type DecisionOptions, type Served, decide, expectationOf } from '../../../src/gateway/decide.ts';
import { describeGateway } from '../../../src/gateway/describe.ts';
import { diffOf } from '../../../src/gateway/diff.ts';
import { NGINX_CONF } from '../../../src/gateway/nginx-conf.ts';
import type { ProxyFacts } from '../../../src/gateway/proxy-facts.ts';
import { LIVE_FILE } from '../../../src/gateway/release.ts';
import { renderGateway } from '../../../src/gateway/render.ts';
import type { RenderInput } from '../../../src/gateway/rendered.ts';
import type { AccessSettings, AgentHost } from '../../../src/inventory/types.ts';
import type { Target } from '../../../src/gateway/decide.ts';
import { agent, gatewaySettings, nginxFacts, proxy, twoAgents } from './inventories.ts';

function target(changes: Parameters<typeof twoAgents>[0] = {}): Target & { content: string } {
  return targetOf(twoAgents(changes));
}

function targetOf(input: RenderInput): Target & { content: string } {
  const { releaseId, config } = renderGateway(input);
  return {
    release: releaseId,
    content: config,
    files: [{ kind: 'write', path: LIVE_FILE, mode: '644', content: config }],
  };
}

const wanted = target();
const live = (
  content: string,
  releaseId: string | undefined = /^# release: (\w+)$/m.exec(content)?.[1],
): ProxyFacts['live'] => ({
  path: LIVE_FILE,
  content,
  mode: '644 root:root',
  releaseId,
});

function facts(changes: Partial<ProxyFacts> = {}): ProxyFacts {
  return {
    nginx: nginxFacts([1, 22, 1]),
    service: { loaded: true, active: true, enabled: true },
    live: undefined,
    liveDigest: 'absent',
    nginxConf: 'events {}\nhttp { include /etc/nginx/conf.d/*.conf; }\n',
    rivals: [],
    gatewayFiles: [],
    state: [],
    listeners: [{ program: 'nginx', pid: 7 }],
    certificate: undefined,
    keyMode: '600 root:root',
    selinux: undefined,
    packageManager: 'apt-get',
    hasOpenssl: true,
    releases: [],
    wanted: undefined,
    recovered: undefined,
    ...changes,
  };
}

const options: DecisionOptions = {
  port: 8443,
  now: new Date('2026-11-23T12:00:00Z'),
  takeOver: false,
  force: false,
  allowOpen: false,
  command: 'dcvops rollback --to 3f9a1c0d5e7b',
};
const served = (releaseId: string | undefined): Served => ({ releaseId, certificate: 'ab' });
const kept = (id: string): ProxyFacts['releases'][number] => ({
  id,
  since: new Date('2026-11-23T09:00:00Z'),
  who: 'anna@laptop',
});

describe('what a deploy decides', () => {
  it('a first deploy needs no question, and remembers what was there', () => {
    expect(decide(facts(), wanted, undefined, options)).toEqual({
      kind: 'change',
      change: { release: wanted.release, files: wanted.files, archive: 'before-dcvops' },
      questions: [],
    });
  });

  it('where nothing is live any more, that is remembered, too, beside what was there before dcvops', () => {
    const decision = decide(facts({ releases: [kept('before-dcvops')] }), wanted, undefined, options);
    expect(decision).toMatchObject({ change: { archive: 'before-20261123120000' } });
  });

  it('the same release, live and served: nothing is done', () => {
    expect(decide(facts({ live: live(wanted.content) }), wanted, served(wanted.release), options)).toEqual({
      kind: 'unchanged',
    });
  });

  it('a gateway that cannot be seen is no reason to touch it', () => {
    expect(decide(facts({ live: live(wanted.content) }), wanted, undefined, options)).toEqual({
      kind: 'unchanged',
    });
  });

  it('the right file, but nothing listens on the port: that is not "unchanged"', () => {
    const silent = facts({ live: live(wanted.content), listeners: [] });
    expect(decide(silent, wanted, undefined, options)).toMatchObject({ kind: 'reload' });
    const taken = facts({ live: live(wanted.content), listeners: [{ program: 'python3', pid: 7 }] });
    expect(decide(taken, wanted, undefined, options)).toMatchObject({ kind: 'reload' });
  });

  it('the right file and a change beside it: the release that is kept is still the whole one', () => {
    const found = { live: live(wanted.content), releases: [kept(wanted.release), kept('before-dcvops')] };
    const rival = { path: '/etc/nginx/conf.d/a.conf', content: 'server { listen 8443; }' };
    expect(
      decide(facts({ ...found, rivals: [rival] }), wanted, served(wanted.release), options),
    ).toMatchObject({ change: { files: [...wanted.files, { kind: 'remove', path: rival.path }] } });

    const nginxConf = { kind: 'write', path: NGINX_CONF, mode: '644', content: 'events { }' } as const;
    const raised = { ...wanted, files: [...wanted.files, nginxConf] };
    const decision = decide(facts(found), raised, served(wanted.release), options);
    expect(decision).toMatchObject({
      change: { files: raised.files, archive: 'before-20261123120000' },
      questions: [],
    });
    // only what differs is shown
    const change = decision.kind === 'change' ? decision.change.files : [];
    expect(diffOf('gateway', facts(found), change).map(({ path }) => path)).toEqual([NGINX_CONF]);
  });

  it('a file beside the configuration that stays as it is: the diff tells nothing of it', () => {
    const page = { path: '/etc/nginx/dcv-gateway/pages/portal.en.html', content: '<p>\n' };
    const written = { kind: 'write', mode: '644', ...page } as const;
    const found = facts({ gatewayFiles: [page] });
    expect(diffOf('gateway', found, [written])).toEqual([]);
    const [change] = diffOf('gateway', found, [{ ...written, content: '<p>new\n' }]);
    expect(change?.diff.split('\n').filter((line) => /^[-+]</.test(line))).toEqual(['-<p>', '+<p>new']);
  });

  it('the right file, but nginx serves another: reload only', () => {
    expect(
      decide(facts({ live: live(wanted.content) }), wanted, served('ffffffffffff'), options),
    ).toMatchObject({ kind: 'reload' });
  });

  it('the right file, but nginx is stopped: the transaction starts it', () => {
    const stopped = facts({
      live: live(wanted.content),
      service: { loaded: true, active: false, enabled: true },
    });
    expect(decide(stopped, wanted, undefined, options)).toMatchObject({
      kind: 'change',
      change: { files: wanted.files },
    });
  });

  it('a file with another mode or owner is put right', () => {
    const found = { ...live(wanted.content), mode: '666 root:root' } as ProxyFacts['live'];
    expect(decide(facts({ live: found }), wanted, served(wanted.release), options)).toMatchObject({
      kind: 'change',
    });
  });

  it('what replaces a kept release is not archived again', () => {
    const old = target({ access: { allow: ['192.0.2.0/24', '10.213.0.0/16'] } });
    const decision = decide(
      facts({ live: live(old.content), releases: [kept(old.release)] }),
      wanted,
      served(old.release),
      options,
    );
    expect(decision).toMatchObject({ kind: 'change', change: { archive: undefined }, questions: [] });
  });
});

describe('what a deploy asks', () => {
  const questionsFor = (
    found: Partial<ProxyFacts>,
    goal: Target = wanted,
    more: Partial<DecisionOptions> = {},
  ): string[] => {
    const decision = decide(facts(found), goal, undefined, { ...options, ...more });
    return decision.kind === 'change'
      ? decision.questions.map((question) => `${question.flag}: ${question.text}`)
      : [];
  };

  it('before it replaces files of others, and says what else they answer', () => {
    const rivals = [
      {
        path: '/etc/nginx/conf.d/dcv-dynamic-proxy.conf',
        content: 'server { listen 8443 ssl;\nlisten 80;\nlisten [::]:8443 ssl; }',
      },
    ];
    expect(questionsFor({ rivals })).toEqual([
      '--take-over: dcv-dynamic-proxy.conf answers :8443 now. It also answers :80, which would stop. Replace it?',
    ]);
    expect(questionsFor({ rivals }, wanted, { takeOver: true })).toEqual([]);
  });

  it('moves the rival aside in the same transaction and keeps it as before-dcvops', () => {
    const path = '/etc/nginx/sites-enabled/dcv';
    const decision = decide(facts({ rivals: [{ path, content: 'listen 8443;' }] }), wanted, undefined, {
      ...options,
      takeOver: true,
    });
    expect(decision).toMatchObject({
      change: { archive: 'before-dcvops', files: [...wanted.files, { kind: 'remove', path }] },
    });
  });

  it('before it overwrites a file that somebody edited; --yes is not enough', () => {
    const edited = wanted.content.replace('server_tokens off;', 'server_tokens on;');
    const other = target({ access: { allow: ['10.213.0.0/16', '10.213.0.0/24'] } });
    const decision = decide(facts({ live: live(edited) }), other, undefined, options);
    expect(decision.kind === 'change' && decision.change.archive).toMatch(/^edited-[0-9a-f]{12}$/);
    expect(decision.kind === 'change' && decision.questions[0]).toMatchObject({
      flag: '--force',
      neverByYes: true,
    });
  });

  it('before agents leave, naming whose release is live and how old it is', () => {
    const { releaseId, config } = renderGateway({
      ...twoAgents(),
      agents: [agent('agent1', '10.150.248.180')],
    });
    const fewer: Target = {
      release: releaseId,
      files: [{ kind: 'write', path: LIVE_FILE, mode: '644', content: config }],
    };
    expect(questionsFor({ live: live(wanted.content), releases: [kept(wanted.release)] }, fewer)).toEqual([
      `--yes: agent2 (10.150.248.136) leaves the gateway; live is ${wanted.release} of anna@laptop, 3 h old. Deploy without?`,
    ]);
  });

  it('names the command that was typed, not another one', () => {
    const open = target({ access: { allow: 'any' } });
    const decision = decide(facts({ live: live(wanted.content) }), open, undefined, options);
    expect(decision.kind === 'change' && decision.questions[0]?.refusal?.hint).toBe(
      'dcvops rollback --to 3f9a1c0d5e7b --allow-open, when that is meant',
    );
  });

  it.each([
    [['10.0.0.0/8'], ['10.0.0.0/8'], []],
    [['10.0.0.0/8', '192.0.2.0/24'], ['10.0.0.0/8'], []],
    [['10.0.0.0/8'], ['10.0.0.0/8', '192.0.2.0/24'], ['--yes']],
    [['10.0.0.0/8'], 'any', ['--allow-open']],
    ['any', ['10.0.0.0/8'], []],
    ['any', 'any', []],
  ] as const)('access %j → %j asks %j', (before, after, flags) => {
    const earlier = target({ access: { allow: before }, url: undefined });
    const later = target({
      access: { allow: after },
      listen: { address: undefined, port: 8443 },
      workerConnections: 1,
    });
    const asked = questionsFor({ live: live(earlier.content) }, later).map(
      (question) => question.split(':')[0],
    );
    expect(asked).toEqual(flags);
  });

  // Who turns the password off, or goes back to a release from before it, opens every desktop to whom the lists let in.
  it('before the login is gone, and before somebody new may say who a client is', () => {
    const asked = (
      before: Partial<AccessSettings>,
      after: Partial<AccessSettings>,
      allowOpen = false,
    ): string[] => {
      const earlier = target({ access: before });
      const decided = decide(facts({ live: live(earlier.content) }), target({ access: after }), undefined, {
        ...options,
        allowOpen,
      });
      if (decided.kind !== 'change') return [decided.kind];
      return decided.questions.map(
        ({ flag, text, neverByYes }) =>
          `${flag}${neverByYes === true ? ' only' : ''}: ${text.replace(/ \(live is .*/, '')}`,
      );
    };
    const allow = 'any';
    expect(asked({ allow, basic: true }, { allow })).toEqual([
      '--allow-open only: the gateway would be open to everybody; until now: any, with a password',
    ]);
    expect(asked({ allow, basic: true }, { allow }, true)).toEqual([]);
    expect(asked({ basic: true }, {})).toEqual([
      '--yes: access gets wider: nobody is asked for a password any more',
    ]);
    expect(asked({}, { realIpFrom: ['10.9.0.0/24'] })).toEqual([
      '--yes: access gets wider: 10.9.0.0/24 may say who the client is (real_ip_from)',
    ]);
    expect(asked({}, { basic: true })).toEqual([]);
  });

  it('before a network is no longer refused, at the gateway or at an agent', () => {
    const withAgent1 = (access: AgentHost['access']): Target & { content: string } => {
      const input = twoAgents({ access: { deny: ['10.213.9.0/24'] } });
      const [first, ...others] = input.agents;
      const agents = first === undefined ? [] : [{ ...first, access }, ...others];
      return targetOf({ ...input, agents, gateway: { ...input.gateway, default: [] } });
    };
    const closed = withAgent1({ allow: ['10.213.1.0/24'], deny: [] });
    expect(questionsFor({ live: live(closed.content) }, target({ default: [] }))).toEqual([
      `--yes: access gets wider: 10.213.9.0/24, everybody whom the gateway lets in (to agent1) may connect, too (live is ${closed.release}). Deploy?`,
    ]);
    const wider = withAgent1({ allow: ['10.213.1.0/24', '10.213.2.0/24'], deny: [] });
    expect(questionsFor({ live: live(closed.content) }, wider)).toEqual([
      `--yes: access gets wider: 10.213.2.0/24 (to agent1) may connect, too (live is ${closed.release}). Deploy?`,
    ]);
    expect(questionsFor({ live: live(wider.content) }, closed)).toEqual([]);
  });

  it('refuses when nginx.conf itself answers the port: moving that aside would take everything down', () => {
    expect(() =>
      decide(
        facts({ nginxConf: 'http { server {\n listen 0.0.0.0:8443 ssl;\n} }' }),
        wanted,
        undefined,
        options,
      ),
    ).toThrow(/nginx\.conf itself answers :8443/);
  });
});

describe('what a live configuration tells', () => {
  it('agents and networks read back as they were rendered, IPv6 included', () => {
    const agents = [
      agent('agent1', '10.150.248.180'),
      agent('lab', '10.150.248.9', { access: { allow: ['10.213.1.0/24'], deny: ['10.213.1.7/32'] } }),
      agent('open', '10.150.248.8', { access: { allow: 'any', deny: ['10.213.9.0/24'] } }),
      agent('six', 'fd00:150::5'),
    ];
    const { config } = renderGateway({
      gateway: gatewaySettings({
        agentNetworks: ['10.150.248.0/24', 'fd00:150::/64'],
        access: {
          allow: ['10.213.0.0/16', 'fd00:1::/64'],
          deny: ['10.213.5.0/24', 'fd00:1::5/128'],
          basic: true,
          realIpFrom: ['10.9.0.5/32', 'fd00:9::/64'],
        },
      }),
      agents,
      proxy: proxy(),
      sessionId: 'desktop-session',
      nginx: nginxFacts([1, 28, 0]),
    });
    expect(describeGateway(config)).toEqual({
      agents: [
        { name: 'agent1', address: '10.150.248.180', allow: ['any'], deny: [] },
        { name: 'lab', address: '10.150.248.9', allow: ['10.213.1.0/24'], deny: ['10.213.1.7/32'] },
        { name: 'open', address: '10.150.248.8', allow: ['any'], deny: ['10.213.9.0/24'] },
        { name: 'six', address: 'fd00:150::5', allow: ['any'], deny: [] },
      ],
      allow: ['10.213.0.0/16', 'fd00:1::/64'],
      deny: ['10.213.5.0/24', 'fd00:1::5/128'],
      agentNetworks: ['10.150.248.0/24', 'fd00:150::/64'],
      asksLogin: true,
      realIpFrom: ['10.9.0.5/32', 'fd00:9::/64'],
    });
  });

  it('says nothing of a file that dcvops did not write', () => {
    expect(describeGateway('server { allow 10.0.0.0/8; }')).toBeUndefined();
  });
});

describe('what has to answer once a target is live', () => {
  const write = (path: string, content: string): Target['files'][number] => ({
    kind: 'write',
    path,
    mode: '644',
    content,
  });

  it.each([
    ['a rendered release', [write(LIVE_FILE, wanted.content)], { kind: 'release', id: wanted.release }],
    [
      'an edited one: what it still says',
      [write(LIVE_FILE, `${wanted.content}# mine`)],
      { kind: 'release', id: wanted.release },
    ],
    [
      'the old scripts’ file',
      [write('/etc/nginx/conf.d/old.conf', 'server { listen 8443 ssl; }')],
      { kind: 'answer' },
    ],
    ['nothing, as before dcvops', [{ kind: 'remove', path: LIVE_FILE }], { kind: 'silence' }],
    [
      'a file for another port',
      [write('/etc/nginx/nginx.conf', 'server { listen 80; }')],
      { kind: 'silence' },
    ],
  ] as const)('%s', (_what, files, expected) => {
    expect(expectationOf({ files }, 8443)).toEqual(expected);
  });
});
