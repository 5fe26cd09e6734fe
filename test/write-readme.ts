/** `npm run readme`: writes the README's generated parts anew. A unit test fails when that was forgotten. */
import { readFile, writeFile } from 'node:fs/promises';
import { withGeneratedParts } from './readme.ts';

await writeFile('README.md', await withGeneratedParts(await readFile('README.md', 'utf8')));
