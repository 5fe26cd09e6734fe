/*
 * Expressions for dcv.conf that match a gateway and nothing else. They hold no backslash, whose meaning in dcv.conf and in
 * other programs would have to be known.
 */

/** What browsers ask for: a URL's host name and port. With or without the port: which of them DCV looks at is not known. Pure. */
export function hostPatternFor(
  names: readonly { readonly hostname: string; readonly port: number }[],
): string {
  return oneOf(names.map(({ hostname, port }) => `${literally(hostname)}(:${port})?`));
}

/** Pages that may open WebSockets, by their origins: `https://10.213.66.188:8443`. Pure. */
export function originPatternFor(origins: readonly string[]): string {
  return oneOf(origins.map(literally));
}

function oneOf(patterns: readonly string[]): string {
  return patterns.length === 1 ? `^${patterns.join('')}$` : `^(${patterns.join('|')})$`;
}

/** A text as a regular expression that matches it alone. */
function literally(text: string): string {
  return text.replace(/[.[\]]/g, (sign) => (sign === '.' ? '[.]' : '.'));
}
