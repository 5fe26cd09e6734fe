/**
 * Whether a text matches a glob: `*` is any run of characters, `?` is any one. In time proportional to both lengths at
 * worst multiplied, where a regular expression with many `.*` could take for ever.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let inGlob = 0;
  let inText = 0;
  // after the last star: where the glob goes on, and the text's character up to which that star has eaten
  let lastStar: { goesOn: number; eaten: number } | undefined;
  while (inText < text.length) {
    const wanted = glob[inGlob];
    if (wanted === '*') {
      inGlob++;
      lastStar = { goesOn: inGlob, eaten: inText };
    } else if (wanted === '?' || wanted === text[inText]) {
      inGlob++;
      inText++;
    } else if (lastStar !== undefined) {
      lastStar.eaten++;
      inGlob = lastStar.goesOn;
      inText = lastStar.eaten;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(inGlob));
}
