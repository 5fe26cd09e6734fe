/** The lines of an output that say something, without spaces at their ends. */
export function linesOf(output: string | undefined): string[] {
  return (output ?? '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}
