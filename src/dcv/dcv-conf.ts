/**
 * A string's value in dcv.conf (a GKeyFile whose values are GVariant text: `"none"`, `'none'`). Of two equal keys the last
 * one counts. undefined when it is not set, and for a value that is no string: DCV takes its default then.
 */
export function readConfString(conf: string, section: string, key: string): string | undefined {
  let current = '';
  let value: string | undefined;
  for (const line of conf.split(/\r?\n/).map((text) => text.trim())) {
    const heading = /^\[([^\]]*)\]$/.exec(line)?.[1];
    if (heading !== undefined) current = heading;
    const [, name, text = ''] = /^([^#=\s][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (current === section && name === key) value = /^(["'])(.*)\1$/.exec(text)?.[2];
  }
  return value;
}
