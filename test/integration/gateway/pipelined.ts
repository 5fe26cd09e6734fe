import type tls from 'node:tls';

export interface Answer {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** As many requests as one connection carries at most. */
const BATCH = 50;

/**
 * Asks for each target in turn, many over each connection; all of it latin1, byte for byte. nginx ends a connection after
 * a request that it can't read: the ones after it are sent again over the next.
 */
export async function askInTurn(
  connect: () => Promise<tls.TLSSocket>,
  host: string,
  targets: readonly string[],
): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < targets.length) {
    const batch = targets.slice(answers.length, answers.length + BATCH);
    const more = await askOver(await connect(), host, batch);
    answers.push(...(more.length > 0 ? more : [{ status: 0, headers: {}, body: '' }]));
  }
  return answers;
}

/** The answers that come until the connection ends. */
function askOver(socket: tls.TLSSocket, host: string, targets: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (let next = firstAnswer(text); next !== undefined; next = firstAnswer(text)) {
      answers.push(next.answer);
      text = next.rest;
      if (answers.length === targets.length || next.answer.headers['connection'] === 'close')
        socket.destroy();
    }
  });
  return new Promise((resolve) => {
    socket.once('error', () => socket.destroy());
    socket.once('close', () => {
      resolve(answers);
    });
    socket.write(
      targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`).join(''),
      'latin1',
    );
  });
}

/** The first answer of a text that is whole, and what follows it. Every answer here tells its length. */
function firstAnswer(text: string): { answer: Answer; rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const from = end + 4;
  const to = from + Number(headers['content-length']);
  if (Number.isNaN(to)) throw new Error(`an answer without a length: ${text.slice(0, from)}`);
  if (text.length < to) return undefined;
  const answer = { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(from, to) };
  return { answer, rest: text.slice(to) };
}
