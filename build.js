// @ts-check
/**
 * `npm run build`: a split bundle in dist/. The entry loads commander only; what a command needs is in chunks of its
 * own, loaded when the command runs. Start-up time depends on this: see `npm run bench`.
 */
import { chmod, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Parts of libraries that dcvops never calls, and that every command would read and set up: a fifth of what SSH takes to
 * load. Calling one is an error that says so.
 */
const UNUSED = [
  // ssh2: the server, SFTP, HTTP through a tunnel, making of keys
  { importer: /\/node_modules\/ssh2\/lib\//, path: /(^|\/)(server|SFTP|http-agents|keygen)\.js$/ },
  // node-ssh: for downloading folders
  { importer: /\/node_modules\/node-ssh\//, path: /^make-dir$/ },
];

// Built aside and put in place at the end: a build that fails leaves the program that was there.
const folder = await mkdtemp('dist.new-');

const result = await build({
  entryPoints: ['src/main.ts'],
  outdir: folder,
  bundle: true,
  splitting: true,
  minifySyntax: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'none',
  metafile: true,
  // ssh2 is CommonJS and asks for these at run time; native addons are optional to it and are not shipped.
  banner: {
    js: [
      "import { createRequire as __createRequire } from 'node:module';",
      "import { fileURLToPath as __fileURLToPath } from 'node:url';",
      "import { dirname as __pathDirname } from 'node:path';",
      'const require = __createRequire(import.meta.url);',
      'const __filename = __fileURLToPath(import.meta.url);',
      'const __dirname = __pathDirname(__filename);',
    ].join('\n'),
  },
  external: ['cpu-features', '*.node'],
  plugins: [leaveOut(UNUSED)],
  logLevel: 'warning',
});

await writeFile(
  path.join(folder, 'THIRD-PARTY-LICENSES.txt'),
  await licencesOf(Object.keys(result.metafile.inputs)),
);
await chmod(folder, 0o755);
await rm('dist', { recursive: true, force: true });
await rename(folder, 'dist');

/**
 * @param {readonly { readonly importer: RegExp, readonly path: RegExp }[]} parts
 * @returns {import('esbuild').Plugin}
 */
function leaveOut(parts) {
  const namespace = 'left-out';
  return {
    name: namespace,
    setup(bundle) {
      bundle.onResolve({ filter: /./ }, ({ path: wanted, importer }) => {
        const left = parts.some((part) => part.importer.test(importer) && part.path.test(wanted));
        return left ? { path: wanted, namespace } : undefined;
      });
      bundle.onLoad({ filter: /./, namespace }, ({ path: wanted }) => ({
        contents: `module.exports = new Proxy({}, {
          get: (_, name) => name === '__esModule' ? undefined : () => {
            throw new Error(\`\${String(name)} of ${wanted} is left out of the bundle (build.js)\`);
          },
        });`,
      }));
    },
  };
}

/**
 * The licences of every package that the bundle holds, as they ask for.
 * @param {string[]} inputs
 */
async function licencesOf(inputs) {
  const packages = new Set(
    inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []),
  );
  const texts = await Promise.all([...packages].sort().map(licenceOf));
  return texts.join('\n');
}

/** @param {string} folder */
async function licenceOf(folder) {
  /** @type {unknown} */
  const parsed = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = /** @type {{ name: string, version: string, license?: string }} */ (
    parsed
  );
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : await readFile(path.join(folder, file), 'utf8');
  return `${name} ${version} (${license ?? 'no licence named'})\n\n${text.trim()}\n\n${'-'.repeat(78)}\n`;
}
