import { describe, expect, it } from 'vitest';
import { GOOD, parse, problemsOf } from './texts.ts';

/** The good inventory, which ends in line 11, with one source of logs in line 13. */
function withSource(source: string): string {
  return `${GOOD}logs:\n  - ${source}\n`;
}

describe('logs of the operator’s own', () => {
  it.each([
    [
      '{ name: backup, path: /var/log/backup/*.log }',
      { kind: 'file', path: '/var/log/backup/*.log', format: 'text', hosts: ['gateway', 'agent1', 'agent2'] },
    ],
    [
      '{ name: site, path: /var/log/nginx/site-?.log, format: nginx-combined, hosts: [proxies] }',
      { kind: 'file', path: '/var/log/nginx/site-?.log', format: 'nginx-combined', hosts: ['gateway'] },
    ],
    [
      '{ name: vpn, unit: openvpn-server@desktops, hosts: [agents] }',
      {
        kind: 'unit',
        unit: 'openvpn-server@desktops.service',
        format: 'journal',
        hosts: ['agent1', 'agent2'],
      },
    ],
    [
      '{ name: vpn, unit: backup.timer, hosts: ["@gpu", agent1, "gate*"] }',
      { kind: 'unit', unit: 'backup.timer', format: 'journal', hosts: ['gateway', 'agent1', 'agent2'] },
    ],
    [
      '{ name: "1", unit: a, hosts: ["10.150.*.180"] }',
      { kind: 'unit', unit: 'a.service', format: 'journal', hosts: ['agent1'] },
    ],
  ])('are read where they are: %s', async (source, expected) => {
    const { logs } = await parse(withSource(source));
    expect(logs).toEqual([{ name: expect.any(String) as string, ...expected }]);
  });

  it('are none when none are named', async () => {
    expect((await parse(GOOD)).logs).toEqual([]);
  });
});

describe('a mistake in them would leave a log unread, and is told', () => {
  it.each([
    [
      '{ name: dcv, path: /l }',
      'hosts.yaml:13:13: wrong value (logs[0].name): found "dcv", allowed: another name (access, error, dcv, journal, session, auth are built in)',
    ],
    [
      '{ name: a_b, path: /l }',
      'hosts.yaml:13:13: wrong value (logs[0].name): found "a_b", allowed: letters and digits, with - between them',
    ],
    [
      '{ name: a, path: "/var/log/$(id)" }',
      'hosts.yaml:13:22: wrong value (logs[0].path): found "/var/log/$(id)", allowed: an absolute path of letters, digits and . _ - + = @, in which * and ? are globs',
    ],
    [
      '{ name: a, path: logs/*.log }',
      'hosts.yaml:13:22: wrong value (logs[0].path): found "logs/*.log", allowed: an absolute path of letters, digits and . _ - + = @, in which * and ? are globs',
    ],
    [
      '{ name: a, unit: --help }',
      'hosts.yaml:13:22: wrong value (logs[0].unit): found "--help", allowed: the name of a systemd unit',
    ],
    [
      '{ name: a, path: /l, format: json }',
      'hosts.yaml:13:34: wrong value (logs[0].format): found "json", allowed: nginx-json or nginx-combined or nginx-error or dcv or text',
    ],
    ['{ name: a }', 'hosts.yaml:13:5: missing (logs[0].path): needs a path, or a unit'],
    [
      '{ name: a, path: /l, unit: u }',
      'hosts.yaml:13:26: a path and a unit (logs[0].unit): found "u", allowed: path or unit, one of them',
    ],
    [
      '{ name: a, unit: u, format: dcv }',
      'hosts.yaml:13:25: no meaning here (logs[0].format): found "dcv", allowed: no format for a unit: it is the journal’s',
    ],
    [
      '{ name: a, path: /l }\n  - { name: A, path: /m }',
      'hosts.yaml:14:13: the same name twice (logs[1].name): found "A", allowed: another one (logs[0] has it)',
    ],
    [
      '{ name: a, path: /l, hosts: [agnet1] }',
      'hosts.yaml:13:34: unknown name (logs[0].hosts[0]): found "agnet1", did you mean "agent1" or "agent2"? Allowed: a host’s name, a glob or a @tag that a host has, proxies, agents: gateway, agent1, agent2',
    ],
    [
      '{ name: a, path: /l, hosts: ["web-*"] }',
      'hosts.yaml:13:34: unknown name (logs[0].hosts[0]): found "web-*", allowed: a host’s name, a glob or a @tag that a host has, proxies, agents: gateway, agent1, agent2',
    ],
    [
      '{ name: a, path: /l, hosts: ["@ubunut"] }',
      'hosts.yaml:13:34: no host has this tag (logs[0].hosts[0]): found "@ubunut", did you mean "@ubuntu"? Allowed: one of @ubuntu, @gpu',
    ],
    [
      '{ name: a, path: /l, hosts: [] }',
      'hosts.yaml:13:33: wrong value (logs[0].hosts): found an empty list, allowed: a list of hosts, such as [agents], [gpu-*] or ["@gpu"]',
    ],
  ])('%s → %s', async (source, problem) => {
    expect(await problemsOf(withSource(source))).toEqual([problem]);
  });
});
