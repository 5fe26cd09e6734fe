import { type ConfLine, confLines, stringInQuotes } from '../../dcv/conf/dcv-conf.ts';

/** dcv.conf without what a Session Manager Broker needed in it. */
export interface ConfEdit {
  /** The whole file; what is not the broker's is as it was, byte by byte. */
  readonly text: string;
  /** The lines that change: what they say now, and then; undefined for a line that goes. */
  readonly changes: readonly { readonly before: string; readonly after: string | undefined }[];
  /** Lines that might look like the broker's and stay, each with the reason. */
  readonly kept: readonly { readonly line: string; readonly why: string }[];
}

/** What agent.conf says, which tells the broker's settings from others. */
export interface BrokerFacts {
  readonly brokerHost?: string | undefined;
  readonly caFile?: string | undefined;
}

/**
 * Is this token verifier a Session Manager Broker? Its documented address is
 * `https://BROKER:8445/agent/validate-authentication-token`.
 */
export function isOfBroker(verifier: string, brokerHost: string | undefined): boolean {
  if (verifier.includes('/agent/validate-authentication-token')) return true;
  if (!URL.canParse(verifier)) return false;
  const { hostname, port } = new URL(verifier);
  return port === '8445' || hostname === brokerHost?.toLowerCase();
}

/** Does a value of `administrators` name the Session Manager agent's account? */
export function listsAgent(administrators: string): boolean {
  return /(["'])dcvsmagent\1/.test(administrators);
}

/**
 * Takes the broker's settings out of `[security]`: its token verifier, with the `no-tls-strict` that was there for it, its
 * certificate authority, and the agent's account among the administrators. DCV's defaults count then. Comments, order, line
 * ends and everything else stay. Pure.
 * @param conf one character a byte, so that no byte is lost (`latin1`)
 */
export function withoutBroker(conf: string, facts: BrokerFacts = {}): ConfEdit {
  const lines = confLines(conf);
  const security = lines.filter(({ section }) => section === 'security');
  const verifiers = security.filter(({ key }) => key === 'auth-token-verifier');
  const own = verifiers.filter(({ value }) => isOfBroker(unquoted(value), facts.brokerHost));
  const context: Context = { facts, hasOwn: own.length > 0, hasOther: own.length < verifiers.length };

  const verdicts = lines.map((line) =>
    line.section === 'security' && line.key !== undefined ? judge(line, context) : STAYS,
  );
  const at = <T>(pick: (line: ConfLine, verdict: Verdict) => T[]): T[] =>
    lines.flatMap((line, index) => pick(line, verdicts[index] ?? STAYS));
  return {
    text: at((line, { kind, ...verdict }) =>
      kind === 'goes' ? [] : [kind === 'becomes' ? `${verdict.text ?? ''}${line.end}` : line.raw],
    ).join(''),
    changes: at((line, { kind, text }) =>
      kind === 'stays' ? [] : [{ before: line.text, after: kind === 'goes' ? undefined : text }],
    ),
    kept: at((line, { why }) => (why === undefined ? [] : [{ line: line.text, why }])),
  };
}

interface Verdict {
  readonly kind: 'stays' | 'goes' | 'becomes';
  /** What it becomes. */
  readonly text?: string;
  /** Why it stays, where that needs a word. */
  readonly why?: string;
}

interface Context {
  readonly facts: BrokerFacts;
  /** Is a verifier of a broker there, and another one? */
  readonly hasOwn: boolean;
  readonly hasOther: boolean;
}

const STAYS: Verdict = { kind: 'stays' };
const GOES: Verdict = { kind: 'goes' };

function judge({ key, value, text }: ConfLine, { facts, hasOwn, hasOther }: Context): Verdict {
  switch (key) {
    case 'auth-token-verifier':
      if (unquoted(value) === '') return STAYS;
      return isOfBroker(unquoted(value), facts.brokerHost)
        ? GOES
        : { kind: 'stays', why: 'it is not a broker’s address' };
    case 'no-tls-strict':
      if (value !== 'true') return STAYS;
      if (hasOwn && !hasOther) return GOES;
      return { kind: 'stays', why: hasOther ? 'another verifier may need it' : 'no broker needs it here' };
    case 'ca-file':
      if (unquoted(value) === '') return STAYS;
      return isCaOfBroker(unquoted(value), facts)
        ? GOES
        : { kind: 'stays', why: 'it does not look like the broker’s' };
    case 'administrators':
      return listsAgent(value) ? withoutAgent(text) : STAYS;
    case undefined:
    default:
      return STAYS;
  }
}

/** By agent.conf, or by where brokers and their agents keep it: `dcvsmbroker_ca.pem`, `/etc/dcv-session-manager-agent`. */
function isCaOfBroker(path: string, { caFile }: BrokerFacts): boolean {
  return path === caFile || /dcvsm|dcv-session-manager|broker[^/]*$/.test(path);
}

/** `["dcvsmagent", "jane"]` → `["jane"]`; a list that becomes empty goes as a whole. */
function withoutAgent(text: string): Verdict {
  const left = text.replace(/(["'])dcvsmagent\1\s*,\s*|(?:,\s*)?(["'])dcvsmagent\2/g, '');
  return /=\s*\[\s*\]\s*$/.test(left) ? GOES : { kind: 'becomes', text: left };
}

function unquoted(value: string): string {
  return stringInQuotes(value) ?? '';
}
