import { DcvopsError } from '../errors.ts';
import type { GatewaySettings } from '../inventory/types.ts';
import type { Script } from '../shell/script.ts';
import { type ShellText, lines, program, sh } from '../shell/shell.ts';
import { NGINX_CONF, raiseWorkerLimits, readWorkerLimits, workerLimits } from './nginx-conf.ts';
import type { FileChange, PackageManager, ProxyFacts } from './proxy-facts.ts';

/** One thing that a host lacks for being a gateway. */
export interface PreparationItem {
  readonly id: 'nginx' | 'service' | 'certificate' | 'worker-limits' | 'selinux';
  /** For the plan: "install nginx (apt-get install nginx)". */
  readonly title: string;
  /** Without it a deploy can't work; the others are worth having. */
  readonly required: boolean;
  /** Run before the transaction; undefined for what the transaction itself changes. */
  readonly commands: ShellText | undefined;
  /** Changed inside the transaction, shown in its diff, undone with it. */
  readonly file: FileChange | undefined;
}

/**
 * What a host still needs. Pure.
 * @throws DcvopsError `failed` for what dcvops can't bring: an unknown package manager, certificates that the inventory
 *   says are there
 */
export function planPreparation(facts: ProxyFacts, gateway: GatewaySettings): readonly PreparationItem[] {
  return [
    ...installNginx(facts, gateway),
    ...enableService(facts),
    ...createCertificate(facts, gateway),
    ...raiseLimits(facts, gateway),
    ...allowConnections(facts),
  ];
}

const INSTALL: Record<PackageManager, (packages: readonly string[]) => ShellText> = {
  'apt-get': (
    packages,
  ) => sh`{ apt-get -q update || echo 'package lists could not be updated; going on with those at hand'; } &&
DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends ${names(packages)}`,
  dnf: (packages) => sh`dnf -y install ${names(packages)}`,
  // Amazon Linux 2 has nginx in its extras only; elsewhere the first command is not there.
  yum: (packages) => sh`{ ! command -v amazon-linux-extras || amazon-linux-extras enable nginx1; } &&
yum -y install ${names(packages)}`,
  zypper: (packages) => sh`zypper --non-interactive install ${names(packages)}`,
};

function names(packages: readonly string[]): ShellText[] {
  return packages.map((name) => sh`${name}`);
}

function installNginx(facts: ProxyFacts, gateway: GatewaySettings): PreparationItem[] {
  const needsOpenssl =
    gateway.tls.kind === 'self-signed' && facts.certificate === undefined && !facts.hasOpenssl;
  const packages = [...(facts.nginx === undefined ? ['nginx'] : []), ...(needsOpenssl ? ['openssl'] : [])];
  if (packages.length === 0) return [];
  if (facts.packageManager === undefined) {
    throw new DcvopsError(
      'failed',
      `${packages.join(' and ')} is not installed, and no package manager is known here.`,
      {
        hint: `install ${packages.join(' and ')} on the host, then dcvops deploy`,
      },
    );
  }
  return [
    {
      id: 'nginx',
      title: `install ${packages.join(' and ')} (${facts.packageManager})`,
      required: true,
      commands: INSTALL[facts.packageManager](packages),
      file: undefined,
    },
  ];
}

/** A stopped nginx is started by the transaction; one that would not come back after a reboot is enabled here. */
function enableService(facts: ProxyFacts): PreparationItem[] {
  if (facts.nginx !== undefined && (!facts.service.loaded || facts.service.enabled)) return [];
  return [
    {
      id: 'service',
      title: 'enable nginx at boot',
      required: false,
      commands: sh`systemctl enable --quiet nginx.service`,
      file: undefined,
    },
  ];
}

function createCertificate(facts: ProxyFacts, gateway: GatewaySettings): PreparationItem[] {
  const { tls } = gateway;
  const missing = [
    ...(facts.certificate === undefined ? [tls.certificate] : []),
    ...(facts.keyMode === undefined ? [tls.key] : []),
  ];
  if (missing.length === 0) return [];
  if (tls.kind === 'files') {
    throw new DcvopsError(
      'failed',
      `${missing.join(' and ')} is missing or empty on the host. Nothing changed.`,
      {
        hint: 'put the certificate there, correct gateway.tls in the inventory, or write "tls: self-signed"',
      },
    );
  }
  return [
    {
      id: 'certificate',
      title: `create a self-signed certificate (${tls.certificate}, ${tls.key}; ten years)`,
      required: true,
      commands: sh`set -- ${tls.certificate} ${tls.key}
${CREATE_CERTIFICATE}`,
      file: undefined,
    },
  ];
}

/** \$1 and \$2: where the certificate and its key go. A key that is there is used; one file alone is no pair. */
const CREATE_CERTIFICATE = program`
names=DNS:$(hostname)
for address in $(hostname -I 2>/dev/null || ip -o addr show | awk '{sub("/.*", "", $4); print $4}'); do
  case $address in fe80:*) ;; *) names=$names,IP:$address ;; esac
done
mkdir -p "\${1%/*}" "\${2%/*}" &&
(umask 077 && { [ -s "$2" ] || openssl ecparam -genkey -name prime256v1 -noout -out "$2"; }) &&
openssl req -x509 -new -key "$2" -sha256 -days 3650 -subj "/CN=$(hostname)" -addext "subjectAltName=$names" -out "$1.new" &&
chmod 644 "$1.new" && mv "$1.new" "$1"`;

function raiseLimits(facts: ProxyFacts, gateway: GatewaySettings): PreparationItem[] {
  if (facts.nginxConf === undefined) return [];
  const wanted = workerLimits(gateway.workerConnections);
  const raised = raiseWorkerLimits(facts.nginxConf, wanted);
  if (raised === undefined) return [];
  const now = readWorkerLimits(facts.nginxConf).workerConnections ?? 512;
  return [
    {
      id: 'worker-limits',
      title: `raise worker_connections to ${wanted.workerConnections} in nginx.conf (now ${now}: about ${viewers(now)} viewers a worker)`,
      required: false,
      commands: undefined,
      file: { kind: 'write', path: NGINX_CONF, mode: '644', content: raised },
    },
  ];
}

/** A DCV viewer opens about ten WebSockets; each takes a connection to the client and one to the agent. */
function viewers(workerConnections: number): number {
  return Math.floor(workerConnections / 20);
}

function allowConnections(facts: ProxyFacts): PreparationItem[] {
  if (facts.selinux?.enforcing !== true || facts.selinux.mayConnect) return [];
  return [
    {
      id: 'selinux',
      title: 'let nginx connect to the agents (SELinux: httpd_can_network_connect)',
      required: true,
      commands: sh`setsebool -P httpd_can_network_connect on`,
      file: undefined,
    },
  ];
}

/**
 * The script for the items that are done before the transaction. It goes on when the connection is lost: half an
 * installation is worse than one that nobody watched.
 */
export function preparationScript(items: readonly PreparationItem[]): Script {
  const steps = items.flatMap((item) =>
    item.commands === undefined
      ? []
      : [
          sh`printf '\\n## %s\\n' ${item.title}\n{\n${item.commands}\n} 2>&1 </dev/null || { echo "failed: "${item.title}; exit 1; }`,
        ],
  );
  return {
    name: 'prepare the host',
    text: lines(
      sh`trap '' HUP PIPE`,
      sh`export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      RELAYED,
      ...steps,
      RELAYED_END,
    ),
    root: true,
  };
}

/**
 * dpkg and others give up when they cannot print, so what they print goes to a reader on the host, which drops it when
 * nobody listens any more. The code of the steps comes back past it.
 */
const RELAYED = program`relay() { while IFS= read -r line; do printf '%s\n' "$line" 2>/dev/null; done; }
exec 4>&1
code=$({ { (`;
const RELAYED_END = program`) 3>&- 4>&-; echo "$?" >&3; } 2>&1 | relay >&4; } 3>&1)
exit "$code"`;
