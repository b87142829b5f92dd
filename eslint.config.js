import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig(
  globalIgnores(['out/', 'dist/']),
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'smart'],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      // Fastify and vitest ask for async functions that need not wait.
      '@typescript-eslint/require-await': 'off',
      // Modules are closures, not classes: there is no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      // Numbers and dates read well in a template; the rule is for objects that would print as [object Object].
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // The database is reached through repositories, whose first argument is a scope.
    files: ['**/*.{ts,tsx}'],
    ignores: [
      'server/**/*.repository.ts',
      'server/plugins/database.ts',
      'server/shared/{pool,replicas,transaction}.ts',
      'db/**',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'knex', message: 'Only a repository speaks to the database: put the query there.' },
          ],
        },
      ],
    },
  },
  {
    files: ['desktop/renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
  },
  {
    // Commands: what they print is their result.
    files: ['build/**/*.{ts,cjs}', 'server/{main,command}.ts', 'db/cli.ts', 'reliability/run-parts.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.{js,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
)
