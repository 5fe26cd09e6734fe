import path from 'node:path';
import { words } from '../../../src/shell/shell.ts';
import { REPOSITORY } from '../../lab/paths.ts';
import type { TestLab } from '../../lab/support/lab.ts';
import { type Pairs, limited, sideBySide } from '../measure.ts';

const LOG = '/var/log/nginx/dcv-access.log';
const LINES = 1_000_000;
const PAIRS = 7;

/** One request as the gateway logs it, with a number of its own. */
const LINE =
  '{\\"ts\\":\\"2026-11-25T12:00:00+00:00\\",\\"msec\\":%d.%03d,\\"id\\":\\"%032d\\",\\"pid\\":17,\\"conn\\":%d,\\"conn_req\\":1,' +
  '\\"client\\":\\"10.213.0.10\\",\\"user\\":\\"\\",\\"method\\":\\"GET\\",\\"uri\\":\\"/10.150.248.180/index.html\\",\\"proto\\":\\"HTTP/2.0\\",' +
  '\\"host\\":\\"10.213.66.188\\",\\"status\\":\\"200\\",\\"action\\":\\"proxy\\",\\"stage\\":\\"access\\",\\"agent\\":\\"10.150.248.180\\",\\"ws\\":\\"\\",' +
  '\\"upstream\\":\\"10.150.248.180:8443\\",\\"up_status\\":\\"200\\",\\"up_connect\\":\\"0.001\\",\\"up_time\\":\\"0.002\\",\\"time\\":0.003,' +
  '\\"req_len\\":400,\\"sent\\":4500,\\"tls\\":\\"TLSv1.3\\",\\"ua\\":\\"Mozilla/5.0 (X11; Linux x86_64)\\"}';

/** A proxy's whole access log through `dcvops logs --raw`, against `ssh HOST cat`; both into a pipe. */
export async function measureRaw(lab: TestLab): Promise<Pairs> {
  const gateway = lab.host('gateway');
  await gateway.sh(
    `awk 'BEGIN { for (i = 0; i < ${LINES}; i++) printf "${LINE}\\n", 1764072000 + i / 100, i % 1000, i, i }' >${LOG}`,
  );
  const dcvops = [process.execPath, path.join(REPOSITORY, 'dist', 'main.js')];
  const ssh = [
    ...['ssh', '-F', '/dev/null', '-i', lab.key, '-p', '50000', '-o', `UserKnownHostsFile=${lab.knownHosts}`],
    ...['ec2-user@10.213.66.188', `sudo cat ${LOG}`],
  ];
  const intoPipe = (argv: readonly string[]) => async () => {
    const line = `${words(argv).toString()} | wc -l`;
    const result = await limited(lab.operator.argv(['sh', '-c', line]), lab.operator.env(), lab.home);
    if (Number(result.stdout) !== LINES) throw new Error(`${line}: ${result.stdout}${result.stderr}`);
    return result;
  };
  try {
    return await sideBySide(
      intoPipe([...dcvops, 'logs', 'gateway', '--source', 'access', '--raw', '-n', 'all']),
      intoPipe(ssh),
      PAIRS,
    );
  } finally {
    await gateway.sh(`rm ${LOG}; systemctl reload nginx`);
  }
}
