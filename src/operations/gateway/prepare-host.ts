import { DcvopsError } from '../../errors.ts';
import { type PreparationItem, planPreparation, preparationScript } from '../../gateway/prepare.ts';
import type { FileChange } from '../../gateway/proxy-facts.ts';
import type { ProxyConversation } from '../../gateway/transaction.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import { confirmOrThrow } from '../../report/ask.ts';
import type { Remote } from '../../ssh/remote.ts';
import type { GatewayContext } from './context.ts';

export interface PrepareOptions {
  /** `--prepare-host`: the plan needs no yes, and what is only worth having is done, too. */
  readonly prepareHost: boolean;
  readonly dryRun: boolean;
}

export interface ReadyHost {
  readonly conversation: ProxyConversation;
  /** What the transaction changes besides the gateway's own files. */
  readonly files: readonly FileChange[];
}

/**
 * Starts the conversation with a proxy and sees to it that the host can be a gateway: shows what it lacks, brings it
 * after a yes, and reads the host again.
 * @param start starts a conversation; called again after the host was changed
 * @throws DcvopsError `failed` when the answer is no, or when bringing it failed
 */
export async function prepareHost(
  context: GatewayContext,
  proxy: ProxyHost,
  remote: Remote,
  start: () => Promise<ProxyConversation>,
  options: PrepareOptions,
): Promise<ReadyHost> {
  const { emit, inventory } = context;
  const conversation = await start();
  const plan = planPreparation(conversation.facts, inventory.gateway);
  const required = plan.some((item) => item.required);
  if (!required && !options.prepareHost) {
    // told once: with the first deploy, and to those who look closely
    const told = conversation.facts.live === undefined || options.dryRun ? plan : [];
    for (const item of told) {
      emit({
        type: 'note',
        level: 'info',
        host: proxy.name,
        message: `worth having, when there is time: ${item.title} (dcvops deploy --prepare-host)`,
      });
    }
    return { conversation, files: [] };
  }
  const before = plan.filter((item) => item.commands !== undefined);
  if (options.dryRun && before.length > 0) {
    await conversation.quit();
    throw new DcvopsError('failed', `a dry run cannot go on before the host is prepared:\n${listOf(plan)}`, {
      host: proxy.name,
      hint: 'dcvops deploy --prepare-host',
    });
  }
  if (required) await askForPreparation(context, proxy, plan, options);
  if (before.length === 0) return { conversation, files: filesOf(plan) };
  await conversation.quit();
  await runPreparation(context, proxy, remote, before);
  const again = await start();
  const left = planPreparation(again.facts, inventory.gateway);
  return { conversation: again, files: filesOf(left) };
}

async function askForPreparation(
  context: GatewayContext,
  proxy: ProxyHost,
  plan: readonly PreparationItem[],
  options: PrepareOptions,
): Promise<void> {
  if (options.prepareHost) return;
  await confirmOrThrow(context.confirm, {
    text: `${proxy.name} is not ready for a gateway. To do:\n${listOf(plan)}\nDo it?`,
    flag: '--prepare-host',
    refusal: new DcvopsError(
      'failed',
      `the host is not ready for a gateway. To do:\n${listOf(plan)}\nNothing changed.`,
      {
        host: proxy.name,
        hint: 'dcvops deploy --prepare-host',
      },
    ),
  });
}

function listOf(plan: readonly PreparationItem[]): string {
  return plan.map((item) => `- ${item.title}`).join('\n');
}

function filesOf(plan: readonly PreparationItem[]): FileChange[] {
  return plan.flatMap((item) => (item.file === undefined ? [] : [item.file]));
}

async function runPreparation(
  { emit }: GatewayContext,
  proxy: ProxyHost,
  remote: Remote,
  items: readonly PreparationItem[],
): Promise<void> {
  const script = await remote.converse(preparationScript(items));
  const decoder = new TextDecoder();
  let tail = '';
  for await (const bytes of script.stdout) {
    tail = (tail + decoder.decode(bytes, { stream: true })).slice(-4000);
    const line = tail.trimEnd().split('\n').at(-1) ?? '';
    emit({ type: 'step', host: proxy.name, step: 'facts', state: 'progress', detail: line.slice(0, 100) });
  }
  const { code, stderr } = await script.finished;
  if (code === 0) {
    for (const item of items)
      emit({ type: 'note', level: 'info', host: proxy.name, message: `done: ${item.title}` });
    return;
  }
  throw new DcvopsError(
    'failed',
    `preparing the host failed:\n${(tail + stderr).trim().split('\n').slice(-8).join('\n')}`,
    {
      host: proxy.name,
      hint: 'what was done stays; mend the cause and run dcvops deploy --prepare-host again',
    },
  );
}
