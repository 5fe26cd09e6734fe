/*
 * /etc/dcv/dcv.conf is a GKeyFile: `[section]`, `key=value`, `#` comments. What is edited here are single lines; all others
 * stay as they are, byte by byte. Texts have one character a byte (`latin1`) where no byte may be lost.
 */

/** Where DCV's settings are on an agent. */
export const DCV_CONF = '/etc/dcv/dcv.conf';

/** One line of dcv.conf. */
export interface ConfLine {
  /** With the end of the line. */
  readonly raw: string;
  /** Without it. */
  readonly text: string;
  /** `\n`, `\r\n`, or nothing where the file ends without. */
  readonly end: string;
  /** The section that it is in, or opens; empty before the first one. */
  readonly section: string;
  /** Is it a `[section]` itself? */
  readonly opens: boolean;
  /** What it sets; undefined for a line that sets nothing. */
  readonly key: string | undefined;
  /** The value as it is written, without spaces around it. */
  readonly value: string;
}

/** Takes dcv.conf apart; the lines' `raw` joined is the text again. Pure. */
export function confLines(conf: string): ConfLine[] {
  let section = '';
  return conf
    .split(/(?<=\n)/)
    .filter((raw) => raw !== '')
    .map((raw) => {
      const [, text = '', end = ''] = /^(.*?)(\r?\n|)$/s.exec(raw) ?? [];
      const heading = /^\s*\[([^\]]*)\]\s*$/.exec(text)?.[1];
      section = heading ?? section;
      const [, key, value = ''] = /^\s*([^#=\s[][^=]*?)\s*=\s*(.*?)\s*$/.exec(text) ?? [];
      return { raw, text, end, section, opens: heading !== undefined, key, value };
    });
}

/** What is set, `section/key` → the value as it is written. Of two equal keys the last one counts. Pure. */
export function confValues(conf: string): Map<string, string> {
  return new Map(
    confLines(conf).flatMap(({ section, key, value }) =>
      key === undefined ? [] : [[`${section}/${key}`, value]],
    ),
  );
}

/** A text's value; undefined when it is not set. It may lack its quotes, as in GLib's key files. Pure. */
export function readConfString(conf: string, section: string, key: string): string | undefined {
  const value = confValues(conf).get(`${section}/${key}`);
  return value === undefined ? undefined : (stringInQuotes(value) ?? value);
}

/** `"none"`, `'none'` → `none`; undefined for what has no quotes around it. Escapes stay as they are written. Pure. */
export function stringInQuotes(value: string): string | undefined {
  return /^(["'])(.*)\1$/.exec(value)?.[2];
}

/**
 * dcv.conf with one value set: in the line that counts now; else below the comment that shows its default (`#key=…`), or as
 * the last of its section, which is added at the end where it is missing. Pure.
 * @param value as it is to be written, in one line
 */
export function withConfValue(conf: string, section: string, key: string, value: string): string {
  const lines = confLines(conf);
  const isSet = lines.findLastIndex((line) => line.section === section && line.key === key);
  if (isSet !== -1) return joined(lines, isSet, (line) => valueReplaced(line, value));

  const end = lines[0]?.end === '\r\n' ? '\r\n' : '\n';
  const setting = `${key}=${value}${end}`;
  const inSection = (line: ConfLine): boolean => line.section === section;
  const shown = lines.findLastIndex((line) => inSection(line) && showsDefault(line, key));
  const last = lines.findLastIndex((line) => inSection(line) && (line.key !== undefined || line.opens));
  const above = shown === -1 ? last : shown;
  if (above !== -1) return joined(lines, above, (line) => `${ended(line, end)}${setting}`);

  const whole = joined(lines, lines.length - 1, (line) => ended(line, end));
  const gap = lines.length === 0 || lines.at(-1)?.text.trim() === '' ? '' : end;
  return `${whole}${gap}[${section}]${end}${setting}`;
}

/** dcv.conf without a key, so that DCV's default counts. Pure. */
export function withoutConfValue(conf: string, section: string, key: string): string {
  return confLines(conf)
    .filter((line) => line.section !== section || line.key !== key)
    .map(({ raw }) => raw)
    .join('');
}

/** The lines, one of them changed. */
function joined(lines: readonly ConfLine[], at: number, change: (line: ConfLine) => string): string {
  return lines.map((line, index) => (index === at ? change(line) : line.raw)).join('');
}

/** Spaces around the `=`, before the key and at the end stay. */
function valueReplaced({ text, end, value }: ConfLine, by: string): string {
  const [, before = '', rest = ''] = /^([^=]*=\s*)(.*)$/s.exec(text) ?? [];
  return `${before}${by}${rest.slice(value.length)}${end}`;
}

function ended({ text, end }: ConfLine, otherwise: string): string {
  return `${text}${end === '' ? otherwise : end}`;
}

/** `#key=…`, as DCV's own dcv.conf shows what it takes where nothing is set. */
function showsDefault({ text }: ConfLine, key: string): boolean {
  return /^\s*#+\s*([^#=\s[][^=]*?)\s*=/.exec(text)?.[1] === key;
}
