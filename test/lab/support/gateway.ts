import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestHost } from './host.ts';
import type { TestLab } from './lab.ts';

export const LIVE = '/etc/nginx/conf.d/dcv-gateway.conf';

/** What the old scripts left on proxies: the same port, and a name that sorts before ours. */
export const OLD_GATEWAY = `server {
    listen 8443 ssl;
    server_name _;
    ssl_certificate /etc/dcv-connection-gateway/certs/dcv.crt;
    ssl_certificate_key /etc/dcv-connection-gateway/certs/dcv.key;
    location ~ "^/(?<agent>10\\.150\\.248\\.[0-9]+)/(?<rest>.*)$" {
        proxy_pass https://$agent:8443/$rest$is_args$args;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_set_header Host $host;
        proxy_ssl_verify off;
    }
    location / { return 200 "the old gateway\\n"; }
}
`;

/** Writes a variant of the lab's inventory beside it (paths in it stay right) and returns its path. */
export async function inventoryVariant(
  lab: TestLab,
  name: string,
  change: (text: string) => string,
): Promise<string> {
  const before = await readFile(lab.inventory, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`the variant "${name}" changes nothing in the lab's inventory`);
  const file = path.join(lab.directory, `${name}.yaml`);
  await writeFile(file, after);
  return file;
}

/** A variant that lets another network in, too, and so renders another release. */
export function inventoryAllowing(lab: TestLab, network: string, name = 'wider'): Promise<string> {
  return inventoryVariant(lab, name, (text) => text.replace('10.213.0.0/16', `10.213.0.0/16, ${network}`));
}

/**
 * The release that the gateway answers with from the operator's side, several times in a row: after a reload an old worker
 * may answer once more. undefined for anything else.
 */
export async function servedRelease(lab: TestLab): Promise<string | undefined> {
  const answers: (string | undefined)[] = [];
  for (;;) {
    const { stdout } = await lab.operator.sh('curl -sk --max-time 3 https://10.213.66.188:8443/health');
    answers.push(/"release":"([0-9a-f]{12})"/.exec(stdout)?.[1]);
    const last = answers.slice(-IN_A_ROW);
    if (last.length === IN_A_ROW && new Set(last).size === 1) return last[0];
    if (answers.length > MOST_ANSWERS)
      throw new Error(`the gateway answers as it likes: ${answers.join(', ')}`);
  }
}

const IN_A_ROW = 4;
const MOST_ANSWERS = 40;

/** The release whose file is live on the host; undefined when there is none. */
export async function liveRelease(gateway: TestHost): Promise<string | undefined> {
  const { stdout } = await gateway.attempt(`cat ${LIVE}`);
  return /^# release: ([0-9a-f]{12})$/m.exec(stdout)?.[1];
}

/** The files that go with the live release, as its header lists them and as they are on the host: `sha256sum`'s lines. */
export async function filesOfRelease(gateway: TestHost): Promise<{ listed: string; there: string }> {
  const listed = await gateway.sh(
    `sed -n 's/^# with \\(.*\\) sha256 \\(.*\\)$/\\2  \\1/p' ${LIVE} 2>/dev/null | sort`,
  );
  const there = await gateway.sh(
    "find /etc/nginx/dcv-gateway -type f \\( ! -path '*/state/*' -o -name pool.conf \\) -exec sha256sum {} + 2>/dev/null | sort",
  );
  return { listed, there };
}

/** Everything that a deploy may touch on a host, with times: two equal texts mean that nothing was touched. */
export function everythingTouchable(gateway: TestHost): Promise<string> {
  return gateway.sh(
    "find /etc/nginx /var/lib/dcvops /run/dcvops.lock -printf '%p %y %m %u:%g %s %T@ %C@\\n' 2>/dev/null | sort; true",
  );
}

/** What a transaction leaves while it is under way and must not leave behind. */
export function leftovers(gateway: TestHost): Promise<string> {
  return gateway.sh(
    "find /etc/nginx /var/lib/dcvops /run \\( -name '.*dcvops*' -o -name 'dcvops.????????' -o -name 'pending*' -o -name '.*.new' \\) 2>/dev/null; true",
  );
}

/** Removes everything that deploys made, so that a test starts from a proxy that never saw dcvops. */
export async function forgetDeploys(gateway: TestHost): Promise<void> {
  await gateway.sh(
    `rm -rf /var/lib/dcvops /etc/nginx/dcv-gateway ${LIVE} /etc/nginx/conf.d/*.conf && systemctl start nginx && systemctl reload nginx`,
  );
}

/** The events of a run under \`--json\`. */
export function eventsOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
