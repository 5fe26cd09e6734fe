import type { TestHost } from './host.ts';

/*
 * What earlier attempts left on hosts: units and files where the packages of DCV lay them. The programs are stand-ins that
 * listen on the right ports under the right names and do nothing else; nothing of DCV is in them.
 */

export const GATEWAY_UNIT = 'dcv-connection-gateway.service';
export const BROKER_UNIT = 'dcv-session-manager-broker.service';
export const AGENT_UNIT = 'dcv-session-manager-agent.service';
export const RESOLVER_UNIT = 'dcv-resolver.service';

const STANDIN = '/usr/share/earlier-attempts-standin/listen.pl';

/** Takes connections on ports and keeps them until they say something; ends at once when it cannot listen. */
const LISTEN = `# A stand-in for tests: listen.pl NAME PORT…
use strict;
use IO::Select;
use IO::Socket::INET;
$0 = shift;
my $select = IO::Select->new;
my %listens;
for my $port (@ARGV) {
  my $socket = IO::Socket::INET->new(LocalPort => $port, Listen => 16, ReuseAddr => 1) or die "port $port: $!";
  $listens{$socket} = 1;
  $select->add($socket);
}
for (;;) {
  for my $socket ($select->can_read) {
    if ($listens{$socket}) {
      my $connection = $socket->accept;
      $select->add($connection) if $connection;
    } else {
      $select->remove($socket);
      $socket->close;
    }
  }
}
`;

/** Installs a service under its name, enables and starts it. */
async function service(
  host: TestHost,
  unit: string,
  { folder, ports }: { readonly folder: string; readonly ports: readonly number[] },
): Promise<void> {
  const name = unit.replace(/\.service$/, '');
  await host.sh(`mkdir -p "$(dirname ${STANDIN})"`);
  await host.write(STANDIN, LISTEN, '644');
  const content = `[Unit]
Description=A stand-in for ${name}
[Service]
ExecStart=/usr/bin/perl ${STANDIN} ${name} ${ports.join(' ')}
[Install]
WantedBy=multi-user.target
`;
  await host.write(`${folder}/${unit}`, content, '644');
  await host.sh(`systemctl daemon-reload && systemctl enable --quiet --now ${unit}`);
  await Promise.all(
    ports.map((port) => host.sh(`until ss -Hltn "sport = :${port}" | grep -q .; do sleep 0.05; done`)),
  );
}

const PACKAGED = '/usr/lib/systemd/system';

/** DCV Connection Gateway on a port, which asks a resolver on this host's port 9000. Its certificates stay what they are. */
export async function layConnectionGateway(host: TestHost, port: number): Promise<void> {
  const conf = `[log]
level = "info"
[gateway]
web-listen-endpoints = [
  "0.0.0.0:${port}",
  "[::]:${port}",
]
cert-file = "/etc/dcv-connection-gateway/certs/dcv.crt"
cert-key-file = "/etc/dcv-connection-gateway/certs/dcv.key"
[resolver]
url = "http://localhost:9000"
[web-resources]
url = "https://localhost:8080"
`;
  await host.sh('mkdir -p /etc/dcv-connection-gateway');
  await host.write('/etc/dcv-connection-gateway/dcv-connection-gateway.conf', conf, '644');
  await service(host, GATEWAY_UNIT, { folder: PACKAGED, ports: [port] });
}

/** A session resolver that somebody wrote. */
export async function layResolver(host: TestHost): Promise<void> {
  await service(host, RESOLVER_UNIT, { folder: '/etc/systemd/system', ports: [9000] });
}

export async function layBroker(host: TestHost): Promise<void> {
  const properties = `# ports
client-to-broker-connector-https-port = 8448
agent-to-broker-connector-https-port = 8445
enable-gateway = true
gateway-to-broker-connector-https-port = 8447
`;
  await host.sh('mkdir -p /etc/dcv-session-manager-broker');
  await host.write('/etc/dcv-session-manager-broker/session-manager-broker.properties', properties, '644');
  await service(host, BROKER_UNIT, { folder: PACKAGED, ports: [8445, 8447] });
}

/** The Session Manager agent with what its manual has one put into dcv.conf; dcvserver is not restarted. */
export async function laySessionManagerAgent(host: TestHost, brokerHost: string): Promise<void> {
  const conf = `version = '0.1'
[agent]
broker_host = '${brokerHost}'
broker_port = 8445
ca_file = '/etc/dcv-session-manager-agent/dcvsmbroker_ca.pem'
[log]
level = 'info'
`;
  await host.sh('mkdir -p /etc/dcv-session-manager-agent');
  await host.write('/etc/dcv-session-manager-agent/agent.conf', conf, '644');
  await service(host, AGENT_UNIT, { folder: PACKAGED, ports: [] });
  await host.write('/etc/dcv/dcv.conf', brokersConf(brokerHost));
}

/** dcv.conf as it is on an agent of a broker; what is not the broker's is in {@link OWN_CONF}. */
export function brokersConf(brokerHost: string): string {
  return OWN_CONF.replace(
    '[security]\n',
    `[security]
administrators=["dcvsmagent"]
ca-file="/etc/dcv-session-manager-agent/dcvsmbroker_ca.pem"
no-tls-strict=true
auth-token-verifier="https://${brokerHost}:8445/agent/validate-authentication-token"
`,
  );
}

export const OWN_CONF = `# kept by hand: "é"
[connectivity]
idle-timeout=0

[security]
# everybody in the lab
authentication="none"
`;

/** "active enabled", as systemd says it. */
export async function stateOf(host: TestHost, unit: string): Promise<string> {
  const [active, enabled] = await Promise.all([
    host.attempt(`systemctl is-active ${unit}`),
    host.attempt(`systemctl is-enabled ${unit}`),
  ]);
  return `${active.stdout.trim()} ${enabled.stdout.trim()}`;
}
