// @ts-check
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';

/**
 * The rooms of src, top to bottom. A file may import from its own room and from rooms below, never from above:
 * this list is the whole architecture, and lint keeps it true.
 */
const ROOMS = [
  'cli',
  'operations',
  'status',
  'doctor',
  'logs',
  'gateway',
  'dcv',
  'inventory',
  'report',
  'ssh',
  'shell',
];

/** Rooms that stand side by side: neither may import the other. */
const SIDE_BY_SIDE = [['gateway', 'dcv']];

/** @param {string} room */
function forbiddenFrom(room) {
  const above = ROOMS.slice(0, ROOMS.indexOf(room));
  const beside = SIDE_BY_SIDE.filter((group) => group.includes(room))
    .flat()
    .filter((name) => name !== room);
  return [...new Set([...above, ...beside])];
}

/** @param {string} room */
function importsRunDownwards(room) {
  const names = forbiddenFrom(room).join('|');
  return {
    files: [`src/${room}/**`],
    rules: {
      'no-restricted-imports': /** @type {['error', object]} */ ([
        'error',
        {
          patterns: [
            {
              regex: names === '' ? '/main\\.js$|/main\\.ts$' : `/main\\.ts$|^(\\.\\./)+(${names})/`,
              message: `Imports run downwards only: ${ROOMS.join(' > ')}.`,
            },
            { regex: '(^|/)test/', message: 'Nothing in src knows the tests.' },
          ],
        },
      ]),
    },
  };
}

export default defineConfig(
  // The stand-in's page runs in a browser, whose types are not loaded here.
  { ignores: ['dist/', 'node_modules/', 'test/lab/dcv-standin/www/'] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      // Indexing process.env and parsed records with ['name'] is what noPropertyAccessFromIndexSignature asks for.
      '@typescript-eslint/dot-notation': 'off',
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'exit',
          message: 'Set process.exitCode; only main.ts ends the process.',
        },
      ],
      'no-control-regex': 'off',
      eqeqeq: 'error',
    },
  },
  { files: ['src/main.ts'], rules: { 'no-restricted-properties': 'off' } },
  ...ROOMS.map(importsRunDownwards),
  prettier,
);
