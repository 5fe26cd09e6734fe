import type { Command } from 'commander';
import type { ProxyCheck } from '../operations/check.ts';
import { type CliContext, action } from './context.ts';
import { usingFleet } from './fleet.ts';

export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('test the way to every desktop: health, TLS, HTTP/2, agents, WebSockets')
    .argument('[proxy...]', 'names, addresses, globs or @tags; default: every proxy')
    .addHelpText(
      'after',
      '\nAsks from this machine, or through SSH where the gateway is out of reach from here; it says which.' +
        '\nExit codes: 0 everything answers, 1 something does not',
    )
    .action(
      action(async (context, patterns: string[]) => {
        await usingFleet(context, async ({ inventory, connect }) => {
          const { selectHosts } = await import('../inventory/select.ts');
          const { check } = await import('../operations/check.ts');
          const { trustedRoots } = await import('../gateway/trusted-roots.ts');
          const proxies = selectHosts(inventory, patterns, 'proxy');
          const results = await check(
            { inventory, connect, emit: context.emit, roots: await trustedRoots() },
            proxies,
          );
          if (context.json) context.printJson(results);
          else for (const result of results) await printTable(context, result);
        });
        return 0;
      }),
    );
}

async function printTable(context: CliContext, result: ProxyCheck): Promise<void> {
  const { formatTable } = await import('../report/table.ts');
  const { formatHint } = await import('../report/print-error.ts');
  const { style } = context;
  context.print(
    formatTable(
      [
        {
          heading: '',
          cell: (row) => (row.ok ? '✔' : '✖'),
          style: (text, row) => (row.ok ? style.good(text) : style.bad(text)),
        },
        { heading: 'CHECK', cell: (row) => row.name, style: style.bold },
        { heading: 'TIME', cell: (row) => (row.elapsedMs === undefined ? '' : `${row.elapsedMs} ms`) },
        { heading: result.url, cell: (row) => row.detail },
      ],
      result.rows,
    ),
  );
  const hints = new Set(result.rows.flatMap((row) => (row.ok ? [] : (row.hint?.split('\n') ?? []))));
  if (hints.size > 0) context.print(`${formatHint([...hints].join('\n'), style).join('\n')}\n`);
}
