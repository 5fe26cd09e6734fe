import type { Command } from 'commander';
import { DcvopsError } from '../errors.ts';
import type { NginxFacts, Version } from '../gateway/nginx-facts.ts';
import type { Inventory, ProxyHost } from '../inventory/types.ts';
import { type CliContext, action } from './context.ts';
import { readInventory, usingFleet } from './fleet.ts';

interface RenderFlags {
  readonly offline?: boolean;
  readonly nginx?: string;
  readonly openssl?: string;
}

export function registerRender(program: Command): void {
  program
    .command('render')
    .description('print the nginx configuration that deploy would put on a proxy')
    .argument('[proxy]', 'name or address; may be left out when there is one proxy')
    .option('--offline', 'do not ask the proxy for its nginx; assume a usual one')
    .option('--nginx <version>', 'render for this nginx, such as 1.22.1 (implies --offline)')
    .option('--openssl <version>', 'and this OpenSSL, such as 3.0.0')
    .addHelpText('after', '\nExamples:\n  dcvops render\n  dcvops render --nginx 1.28.0 --openssl 3.5.0\n')
    .action(action(render));
}

async function render(context: CliContext, pattern: string | undefined, flags: RenderFlags): Promise<number> {
  const { renderFor } = await import('../operations/gateway/render.ts');
  const offline = flags.offline === true || flags.nginx !== undefined || flags.openssl !== undefined;
  const print = (inventory: Inventory, proxy: ProxyHost, facts: NginxFacts): void => {
    const { releaseId, config, files } = renderFor(inventory, proxy, facts);
    if (context.json) context.printJson({ proxy: proxy.name, releaseId, files: files.map(withOctalMode) });
    else context.print(config);
  };
  if (offline) {
    const inventory = await readInventory(context);
    print(inventory, await chooseProxy(inventory, pattern), await assume(context, flags));
    return 0;
  }
  await usingFleet(context, async ({ inventory, connect }) => {
    const { readNginxFacts } = await import('../operations/gateway/render.ts');
    const proxy = await chooseProxy(inventory, pattern);
    print(inventory, proxy, await readNginxFacts(await connect(proxy)));
  });
  return 0;
}

async function chooseProxy(inventory: Inventory, pattern: string | undefined): Promise<ProxyHost> {
  const { selectHosts } = await import('../inventory/select.ts');
  const [proxy, ...more] = selectHosts(inventory, pattern === undefined ? [] : [pattern], 'proxy');
  if (proxy !== undefined && more.length === 0) return proxy;
  const names = [proxy, ...more].map((one) => one?.name).join(', ');
  throw new DcvopsError('usage', `one proxy is rendered at a time, and these were meant: ${names}`, {
    hint: `dcvops render ${proxy?.name ?? ''}`,
  });
}

/** What is assumed is said: another nginx may get another release id. */
async function assume(context: CliContext, flags: RenderFlags): Promise<NginxFacts> {
  const { assumedFacts } = await import('../operations/gateway/render.ts');
  const facts = assumedFacts(
    await versionOf('--nginx', flags.nginx),
    await versionOf('--openssl', flags.openssl),
  );
  const openssl = facts.openssl?.join('.') ?? 'no OpenSSL';
  context.emit({
    type: 'note',
    level: 'info',
    message: `rendered for nginx ${facts.version.join('.')} with OpenSSL ${openssl}; no proxy was asked, and its own release may differ`,
  });
  return facts;
}

async function versionOf(flag: string, text: string | undefined): Promise<Version | undefined> {
  if (text === undefined) return undefined;
  const { parseVersion } = await import('../gateway/nginx-facts.ts');
  const version = parseVersion(text);
  if (version !== undefined) return version;
  throw new DcvopsError('usage', `${flag} "${text}" is not a version such as 1.22.1`);
}

/** 420 is what JSON would make of 0644. */
function withOctalMode<File extends { readonly mode: number }>(
  file: File,
): Omit<File, 'mode'> & { mode: string } {
  return { ...file, mode: `0${file.mode.toString(8)}` };
}
