import path from 'node:path';
import pLimit from 'p-limit';
import { CERTIFICATE_FILE, readCertificates } from '../../dcv/certificate-script.ts';
import { DcvopsError } from '../../errors.ts';
import { type Pin, readPinnable } from '../../gateway/pin.ts';
import { pinFile, readPin } from '../../inventory/pins.ts';
import type { AgentHost, Host, Inventory } from '../../inventory/types.ts';
import type { Emit, OutcomeEvent } from '../../report/events.ts';
import { parseRecords } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';
import { writeNewFile } from '../write-new-file.ts';

export interface PinContext {
  readonly inventory: Inventory;
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  readonly concurrency: number;
}

/**
 * Pins the agents' certificates: reads each over SSH, whose host keys are verified, and writes it beside the inventory.
 * A certificate that is another than the pinned one is refused, unless it is to be replaced. Emits each agent's outcome.
 */
export async function pinAgents(
  context: PinContext,
  agents: readonly AgentHost[],
  { replace }: { readonly replace: boolean },
): Promise<void> {
  const limit = pLimit(context.concurrency);
  const outcomes = await Promise.all(
    agents.map((agent) =>
      limit(async () => {
        const outcome = await pinOne(context, agent, replace).catch((error: unknown) =>
          outcomeOf(error, agent.name),
        );
        context.emit(outcome);
        return outcome;
      }),
    ),
  );
  if (!outcomes.some(({ outcome }) => outcome === 'done')) return;
  const { file, gateway } = context.inventory;
  context.emit({
    type: 'note',
    level: 'info',
    message: gateway.verifyAgents
      ? 'the gateway knows them after the next deploy'
      : `nothing is verified yet: gateway.verify_agents is off in ${file}`,
    hint: gateway.verifyAgents
      ? 'dcvops deploy'
      : 'verify_agents: true in the section gateway, then: dcvops deploy',
  });
}

async function pinOne(
  { inventory, connect }: PinContext,
  agent: AgentHost,
  replace: boolean,
): Promise<OutcomeEvent> {
  const host = agent.name;
  if (agent.adHoc) {
    throw new DcvopsError('failed', `only agents of the inventory are pinned, and ${host} is not in it`, {
      host,
      hint: `dcvops agent add NAME ${host}`,
    });
  }
  const found = await readServed(await connect(agent), host);
  const file = pinFile(inventory.file, host);
  const text = await readPin(inventory.file, host);
  const pinned = text === undefined ? undefined : readPinnable(text, host);
  if (pinned?.sha256 === found.sha256) {
    return { type: 'outcome', host, outcome: 'unchanged', message: `pinned already: ${describe(found)}` };
  }
  if (pinned !== undefined && !replace) throw changed(host, pinned, found);
  await writeNewFile(path.resolve(file), found.pem, 'replace');
  const before = pinned === undefined ? '' : `, in the place of SHA-256 ${shown(pinned)}`;
  return { type: 'outcome', host, outcome: 'done', message: `pinned: ${describe(found)}${before} (${file})` };
}

async function readServed(remote: Remote, host: string): Promise<Pin> {
  const { stdout } = await remote.run(readCertificates());
  const pem = parseRecords(stdout).find(({ name }) => name === 'certificate')?.value;
  if (pem === undefined) {
    throw new DcvopsError('failed', `there is no ${CERTIFICATE_FILE}; DCV makes one when it starts`, {
      host,
      hint: `dcvops doctor ${host}`,
    });
  }
  return readPinnable(pem, host);
}

function changed(host: string, pinned: Pin, found: Pin): DcvopsError {
  return new DcvopsError(
    'failed',
    `its certificate is not the pinned one. Nothing changed.\npinned: ${describe(pinned)}\nthere:  ${describe(found)}`,
    { host, hint: `dcvops agent pin ${host} --replace   (when it was renewed on purpose)` },
  );
}

function describe(pin: Pin): string {
  return `${pin.name}, SHA-256 ${shown(pin)}, valid until ${pin.validTo.toISOString().slice(0, 10)}`;
}

/** As openssl and browsers show it. */
function shown({ sha256 }: Pin): string {
  return (sha256.toUpperCase().match(/../g) ?? []).join(':');
}
