import { build } from 'esbuild';

/** Makes one file of a program in this repository, so that a test that starts it again and again compiles it once. */
export async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node' },
    // native addons are optional to ssh2
    external: ['cpu-features', '*.node'],
    // ssh2 is CommonJS and asks for these at run time; addons and the like are looked for from here
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(${JSON.stringify(import.meta.filename)});
const __filename = ${JSON.stringify(outfile)}; const __dirname = ${JSON.stringify(import.meta.dirname)};`,
    },
  });
}
