import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { LIVE, OLD_GATEWAY } from './gateway.ts';
import type { TestHost } from './host.ts';
import type { TestLab } from './lab.ts';
import { setFaults } from './standin.ts';

/** One thing that is broken on a real host, and what `dcvops doctor` has to say of it. */
export interface LabFault {
  /** What happened, as a person would tell it. */
  readonly name: string;
  readonly breaks: (lab: TestLab) => Promise<void>;
  /** The finding that has to be shown, and its subject; nothing else may be shown. */
  readonly check: string;
  readonly subject: string;
  /** Parts of what it has seen and of its remedy. */
  readonly seen: RegExp;
  readonly remedy: RegExp;
  /** Does `--fix` promise to mend it? */
  readonly fixes?: boolean;
  /** Takes the fault back where `--fix` does not. */
  readonly mends?: (lab: TestLab) => Promise<void>;
}

const CERTS = '/etc/dcv-connection-gateway/certs';

/** A file that is put back as it was, by the name of the host. */
const kept = (host: string, file: string) => ({
  keep: (lab: TestLab): Promise<string> => lab.host(host).sh(`cp -a ${file} ${file}.kept`),
  putBack: (lab: TestLab): Promise<string> => lab.host(host).sh(`mv ${file}.kept ${file}`),
});

/** What a healthy agent's dcv.conf says; the stand-in is shipped as it is tried out, open to everybody. */
const HEALTHY_CONF = '[security]\nauthentication="system"\n';

async function writeDcvConf(agent: TestHost, more: string): Promise<void> {
  await agent.write('/etc/dcv/dcv.conf', `${HEALTHY_CONF}${more}`);
  await agent.sh('systemctl restart dcvserver');
  await sessionThere(agent);
}

const dcvConf = (agent: string, more: string): Pick<LabFault, 'breaks' | 'mends' | 'subject'> => ({
  subject: agent,
  breaks: (lab) => writeDcvConf(lab.host(agent), more),
  mends: (lab) => writeDcvConf(lab.host(agent), ''),
});

/** Waits for dcvserver, and makes sure that the session which everybody expects is there. */
export async function sessionThere(agent: TestHost): Promise<void> {
  await agent.sh(`until dcv list-sessions >/dev/null 2>&1; do sleep 0.1; done
    dcv list-sessions | grep -q desktop-session ||
      dcv create-session --type=virtual --owner=ec2-user --user=ec2-user desktop-session`);
}

/** A fleet in which nothing is wrong: deployed, a session on each agent whose owner can log in. */
export async function makeHealthy(lab: TestLab): Promise<void> {
  const agents = lab.hosts.filter(({ role }) => role === 'agent');
  await Promise.all(
    agents.map(async (agent) => {
      await agent.sh('echo ec2-user:secret | chpasswd');
      await writeDcvConf(agent, '');
    }),
  );
  const deployed = await lab.dcvops(['deploy', '--prepare-host', '--yes']);
  if (deployed.code !== 0) throw new Error(deployed.stderr);
}

/** What can be broken for real in the lab. */
const LAB_FAULTS: readonly LabFault[] = [
  {
    name: 'dcvserver was stopped',
    breaks: (lab) => quietly(lab.host('agent1').sh('systemctl stop dcvserver')),
    check: 'agent/service-down',
    subject: 'agent1',
    seen: /dcvserver/,
    remedy: /dcvops service start agent1/,
    fixes: true,
  },
  {
    name: 'dcvserver does not start at boot',
    breaks: (lab) => quietly(lab.host('agent1').sh('systemctl disable dcvserver')),
    check: 'agent/service-disabled',
    subject: 'agent1',
    seen: /disabled/,
    remedy: /dcvops service enable agent1/,
    fixes: true,
  },
  {
    name: 'the session was closed',
    breaks: (lab) => quietly(lab.host('agent2').sh('dcv close-session desktop-session')),
    check: 'agent/session-missing',
    subject: 'agent2',
    seen: /no session/,
    remedy: /dcvops session create agent2/,
    fixes: true,
  },
  {
    name: 'web-url-path is set',
    ...dcvConf('agent1', '[connectivity]\nweb-url-path="/agent1"\n'),
    check: 'agent/web-url-path',
    seen: /\/agent1/,
    remedy: /dcvops dcv config unset agent1 connectivity\/web-url-path --restart/,
  },
  {
    name: 'DCV listens on another port',
    ...dcvConf('agent2', '[connectivity]\nweb-port=8444\n'),
    check: 'agent/port',
    seen: /8444/,
    remedy: /dcvops dcv config unset agent2 connectivity\/web-port --restart/,
  },
  {
    name: 'DCV listens on loopback only',
    ...dcvConf('agent1', "[connectivity]\nweb-listen-endpoints=['127.0.0.1']\n"),
    check: 'agent/listens-locally',
    seen: /127\.0\.0\.1/,
    remedy: /dcvops dcv config unset agent1 connectivity\/web-listen-endpoints --restart/,
  },
  {
    name: 'DCV takes another host name only',
    ...dcvConf('agent2', "allowed-http-host-regex='^desktops\\\\.example$'\n"),
    check: 'agent/host-pattern',
    seen: /desktops/,
    remedy: /dcvops dcv harden agent2 --restart/,
  },
  {
    name: 'DCV takes pages of another origin only',
    ...dcvConf('agent1', "allowed-ws-origin-regex='^https://desktops\\\\.example$'\n"),
    check: 'agent/origin-pattern',
    seen: /desktops/,
    remedy: /dcvops dcv harden agent1 --restart/,
  },
  {
    name: 'an X server left its lock',
    async breaks(lab) {
      await lab.host('agent1').sh("printf '%10d\\n' 999999 >/tmp/.X7-lock");
    },
    check: 'agent/stale-x-lock',
    subject: 'agent1',
    seen: /X7-lock/,
    remedy: /\.X7-lock/,
    fixes: true,
  },
  {
    name: 'server.log belongs to root',
    breaks: (lab) => quietly(lab.host('agent1').sh('chown root:root /var/log/dcv/server.log')),
    check: 'agent/log-ownership',
    subject: 'agent1',
    seen: /server\.log/,
    remedy: /chown/,
    fixes: true,
  },
  {
    name: 'the web client is not installed',
    breaks: (lab) => setFaults(lab.host('agent2'), { 'no-web-viewer': true }),
    check: 'path/page',
    subject: 'agent2',
    seen: /404/,
    remedy: /dcvops dcv config get agent2\n.*www/,
    mends: (lab) => quietly(lab.host('agent2').sh('rm /etc/dcv-standin/faults.json')),
  },
  {
    name: 'the certificate of an agent expires in three days',
    async breaks(lab) {
      await kept('agent1', '/etc/dcv/dcv.pem').keep(lab);
      await lab
        .host('agent1')
        .sh(
          'openssl req -x509 -key /etc/dcv/dcv.key -days 3 -subj /CN=agent1 >/tmp/c && cat /tmp/c >/etc/dcv/dcv.pem',
        );
    },
    check: 'agent/certificate',
    subject: 'agent1',
    seen: /ends on/,
    remedy: /dcv\.pem/,
    mends: (lab) => quietly(kept('agent1', '/etc/dcv/dcv.pem').putBack(lab)),
  },
  {
    name: 'a firewall in front of an agent drops what the proxy sends',
    breaks: (lab) => lab.host('agent1').closePort(8443),
    check: 'path/agent-unreachable',
    subject: 'agent1',
    seen: /firewall.*fault: path/,
    remedy: /8443/,
    mends: (lab) => lab.host('agent1').openPorts(),
  },
  {
    name: 'an agent is off',
    breaks: (lab) => lab.host('agent2').powerOff(),
    check: 'reach/no-answer',
    subject: 'agent2',
    seen: /agent2|10\.150\.248\.136/,
    remedy: /./,
    async mends(lab) {
      await lab.host('agent2').powerOn();
      await sessionThere(lab.host('agent2'));
    },
  },
  {
    name: 'the login may not become root',
    async breaks(lab) {
      const file = await lab.host('agent1').sh('grep -l ec2-user /etc/sudoers.d/*');
      await lab.host('agent1').sh(`mv ${file} /root/sudoers.kept; echo ${file} >/root/sudoers.name`);
    },
    check: 'reach/sudo',
    subject: 'agent1',
    seen: /sudo/,
    remedy: /sudo/,
    mends: (lab) => quietly(lab.host('agent1').sh('mv /root/sudoers.kept "$(cat /root/sudoers.name)"')),
  },
  {
    name: 'others may read the private key',
    breaks: async (lab) => {
      chmodSync(lab.key, 0o644);
      return Promise.resolve();
    },
    check: 'operator/key-mode',
    subject: 'operator',
    seen: /644/,
    remedy: /chmod/,
    fixes: true,
  },
  {
    name: 'a host has a new key',
    breaks: async (lab) => {
      const text = readFileSync(lab.knownHosts, 'utf8');
      writeFileSync(`${lab.knownHosts}.kept`, text);
      writeFileSync(
        lab.knownHosts,
        text
          .split('\n')
          .filter((line) => !line.includes('10.150.248.180'))
          .join('\n'),
      );
      return Promise.resolve();
    },
    check: 'operator/known-hosts',
    subject: 'operator',
    seen: /agent1/,
    remedy: /dcvops trust/,
    mends: async (lab) => {
      writeFileSync(lab.knownHosts, readFileSync(`${lab.knownHosts}.kept`));
      return Promise.resolve();
    },
  },
  {
    name: 'nginx was stopped',
    breaks: (lab) => quietly(lab.host('gateway').sh('systemctl stop nginx')),
    check: 'proxy/nginx-stopped',
    subject: 'gateway',
    seen: /nginx/,
    remedy: /dcvops service start gateway/,
    fixes: true,
  },
  {
    name: 'nginx does not start at boot',
    breaks: (lab) => quietly(lab.host('gateway').sh('systemctl disable nginx')),
    check: 'proxy/nginx-disabled',
    subject: 'gateway',
    seen: /disabled/,
    remedy: /dcvops service enable gateway/,
    fixes: true,
  },
  {
    name: 'a file of nginx is broken',
    breaks: (lab) => lab.host('gateway').write('/etc/nginx/conf.d/broken.conf', 'nonsense;\n', '644'),
    check: 'proxy/config-invalid',
    subject: 'gateway',
    seen: /nginx -t/,
    remedy: /nginx -t|broken\.conf/,
    mends: (lab) => quietly(lab.host('gateway').sh('rm /etc/nginx/conf.d/broken.conf')),
  },
  {
    name: 'somebody edited the gateway’s file by hand',
    breaks: async (lab) => {
      await lab.host('gateway').sh(`cp -a ${LIVE} /root/live.kept; echo '# mine' >>${LIVE}`);
    },
    check: 'proxy/edited',
    subject: 'gateway',
    seen: /by hand/,
    remedy: /dcvops deploy/,
    mends: (lab) => quietly(lab.host('gateway').sh(`mv /root/live.kept ${LIVE}`)),
  },
  {
    name: 'the old scripts’ file is back',
    breaks: (lab) =>
      lab.host('gateway').write('/etc/nginx/conf.d/dcv-dynamic-proxy.conf', OLD_GATEWAY, '644'),
    check: 'proxy/rival-files',
    subject: 'gateway',
    seen: /dcv-dynamic-proxy\.conf/,
    remedy: /--take-over/,
    mends: (lab) => quietly(lab.host('gateway').sh('rm /etc/nginx/conf.d/dcv-dynamic-proxy.conf')),
  },
  {
    name: 'another program has the gateway’s port',
    async breaks(lab) {
      await lab.host('gateway').sh(`systemctl stop nginx
        systemd-run --unit=squatter python3 -m http.server 8443
        until ss -Hltn 'sport = :8443' | grep -q .; do sleep 0.1; done`);
    },
    check: 'proxy/port-taken',
    subject: 'gateway',
    seen: /python3/,
    remedy: /./,
    mends: (lab) => quietly(lab.host('gateway').sh('systemctl stop squatter; systemctl start nginx')),
  },
  {
    name: 'everybody on the proxy may read the key',
    breaks: (lab) => quietly(lab.host('gateway').sh(`chmod 644 ${CERTS}/dcv.key`)),
    check: 'proxy/key-permissions',
    subject: 'gateway',
    seen: /644/,
    remedy: /chmod/,
    mends: (lab) => quietly(lab.host('gateway').sh(`chmod 600 ${CERTS}/dcv.key`)),
  },
  {
    name: 'the key is not the certificate’s',
    async breaks(lab) {
      await kept('gateway', `${CERTS}/dcv.key`).keep(lab);
      await lab
        .host('gateway')
        .sh(`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ${CERTS}/dcv.key`);
    },
    check: 'proxy/key-mismatch',
    subject: 'gateway',
    seen: /key/,
    remedy: /./,
    mends: (lab) => quietly(kept('gateway', `${CERTS}/dcv.key`).putBack(lab)),
  },
  {
    name: 'nothing rotates the gateway’s logs',
    breaks: (lab) => quietly(lab.host('gateway').sh('mv /etc/logrotate.d/nginx /root/logrotate-nginx')),
    check: 'proxy/log-rotation',
    subject: 'gateway',
    seen: /logrotate/,
    remedy: /logrotate/,
    mends: (lab) => quietly(lab.host('gateway').sh('mv /root/logrotate-nginx /etc/logrotate.d/nginx')),
  },
  {
    name: 'the disk of the logs is full',
    async breaks(lab) {
      await lab.host('gateway').sh(`mount -t tmpfs -o size=2m tmpfs /var/log
        head -c 2097152 /dev/zero >/var/log/full 2>/dev/null; true`);
    },
    check: 'host/disk-full',
    subject: 'gateway',
    seen: /\/var\/log/,
    remedy: /./,
    mends: (lab) => quietly(lab.host('gateway').sh('umount -l /var/log')),
  },
  {
    name: 'a cloud’s firewall closes the gateway’s port to us',
    breaks: (lab) => lab.host('gateway').closePort(8443),
    check: 'path/gateway-unreachable',
    subject: 'gateway',
    seen: /8443/,
    remedy: /8443/,
    mends: (lab) => lab.host('gateway').openPorts(),
  },
];

/** The faults by their checks, those together that have nothing to do with one another: one look has to tell them all. */
export const LAB_FAULTS_TOGETHER: readonly (readonly LabFault[])[] = [
  [
    ...['agent/service-disabled', 'agent/stale-x-lock', 'agent/log-ownership', 'agent/certificate'],
    ...['operator/key-mode', 'proxy/nginx-disabled', 'proxy/key-permissions', 'proxy/log-rotation'],
  ],
  ['agent/service-down', 'agent/session-missing'],
  ['agent/web-url-path', 'agent/port'],
  ['agent/listens-locally', 'agent/host-pattern'],
  ['agent/origin-pattern', 'path/page', 'host/disk-full'],
  ['path/agent-unreachable', 'reach/no-answer'],
  ['reach/sudo', 'proxy/edited'],
  ['operator/known-hosts', 'proxy/config-invalid'],
  ['proxy/nginx-stopped'],
  ['proxy/rival-files'],
  ['proxy/port-taken'],
  ['proxy/key-mismatch'],
  ['path/gateway-unreachable'],
].map((checks) => checks.map(faultOf));

function faultOf(check: string): LabFault {
  const fault = LAB_FAULTS.find((one) => one.check === check);
  if (fault === undefined) throw new Error(`nothing breaks ${check} in the lab`);
  return fault;
}

async function quietly(work: Promise<unknown>): Promise<void> {
  await work;
}
