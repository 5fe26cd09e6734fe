import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROXY } from '../../../../src/doctor/collect/proxy.ts';

/** The part of the script that looks for names, as a shell here runs it on a folder of its own. */
function overlapsIn(folder: string): string[] {
  const part = /^nginx_files_with\(\)[\s\S]*?^}$|^gives=[\s\S]*?^done\)"$/gm;
  const script = (PROXY.toString().match(part) ?? []).join('\n').replaceAll('/etc/nginx', folder);
  const tell = `live=${folder}/conf.d/dcv-gateway.conf\ntell() { printf '%s\\n' "$2"; }\n`;
  return execFileSync('sh', ['-c', tell + script], { encoding: 'utf8' })
    .trim()
    .replaceAll(folder, '/etc/nginx')
    .split('\n');
}

it('finds names that other files give, not those that they use, nor the gateway’s own', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dcvops-overlaps-')));
  try {
    for (const name of ['conf.d', 'sites-enabled']) mkdirSync(join(folder, name));
    const own = 'map $dcv_segment $dcv_agent {\n}\n';
    writeFileSync(join(folder, 'conf.d/dcv-gateway.conf'), own);
    symlinkSync(join(folder, 'conf.d/dcv-gateway.conf'), join(folder, 'sites-enabled/gateway'));
    writeFileSync(
      join(folder, 'conf.d/a copy.conf'),
      [
        '# map $uri $dcv_off {',
        'map "$a|$b" $dcv_agent {',
        '  geo $remote_addr $dcv_allow{ default 0; }',
        'limit_conn_zone $binary_remote_addr zone=dcv_connections:10m;',
        'upstream dcv_pool { server 10.0.0.5:8443; }',
        'server { limit_req zone=dcv_requests burst=5; proxy_pass https://$dcv_upstream; }',
      ].join('\n'),
    );
    expect(overlapsIn(folder)).toEqual([
      '/etc/nginx/conf.d/a copy.conf|map "$a|$b" $dcv_agent {',
      '/etc/nginx/conf.d/a copy.conf|  geo $remote_addr $dcv_allow{',
      '/etc/nginx/conf.d/a copy.conf|limit_conn_zone $binary_remote_addr zone=dcv_connections',
      '/etc/nginx/conf.d/a copy.conf|upstream dcv_pool',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
