import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Numbers are the most usual thing to put into a message.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Callbacks given to event emitters answer with `() => act()`.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      'no-control-regex': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        {
          selector: "NewExpression[callee.name='URL'][arguments.0.name='path']",
          message: 'An object path never goes through new URL(): it folds dot segments (design rule 3).',
        },
      ],
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'fetch() rewrites paths and bodies; requests to S3 go through s3/.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { process: false, console: false, setTimeout: false, clearTimeout: false },
    },
  },
  {
    // The status page runs in a browser; `tsc -p src/admin/page` knows all of its names.
    files: ['src/admin/page/*.js'],
    rules: { 'no-undef': 'off', 'max-lines': ['error', { max: 250 }] },
  },
);
