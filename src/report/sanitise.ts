/**
 * Text from hosts is not trusted with a terminal: escape sequences can rewrite what was shown, and bidirectional
 * overrides (CVE-2021-42574) make text read as something else. What is taken out is shown, not dropped.
 */
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Makes text from elsewhere safe to print: control and bidi characters become `\x1b` or `\u202e`; tab and newline stay. */
export function sanitise(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The same for text that must stay on one line: line breaks are shown as well. */
export function sanitiseLine(text: string): string {
  return sanitise(text).replaceAll('\n', '\\n');
}

/** What a host said as one short line: its lines with "; " between them, 300 characters at most. */
export function oneLine(text: string): string {
  return sanitiseLine(
    text
      .trim()
      .split(/\s*\n\s*/)
      .join('; '),
  ).slice(0, 300);
}
