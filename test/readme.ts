import { format, resolveConfig } from 'prettier';
import { CATALOGUE } from '../src/doctor/catalogue.ts';
import { catalogueAsMarkdown, troubleshootingAsMarkdown } from '../src/doctor/format-catalogue.ts';

/** What of the README is made from the doctor's catalogue, by the name in its markers. */
const PARTS: Readonly<Record<string, () => string>> = {
  troubleshooting: () => troubleshootingAsMarkdown(CATALOGUE),
  checks: () => catalogueAsMarkdown(CATALOGUE),
};

/**
 * The README with its generated parts as they have to be, formatted as the rest of the repository.
 * @throws Error for a README without the markers of a part
 */
export async function withGeneratedParts(readme: string): Promise<string> {
  let text = readme;
  for (const [name, make] of Object.entries(PARTS)) {
    const between = new RegExp(`(<!-- generated: ${name} -->\n)[^]*?(\n<!-- end: ${name} -->)`);
    if (!between.test(text)) throw new Error(`the README has no markers for "${name}"`);
    text = text.replace(between, (_, before: string, after: string) => `${before}\n${make()}\n${after}`);
  }
  return format(text, { ...(await resolveConfig('README.md')), filepath: 'README.md' });
}
