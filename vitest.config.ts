import { defineConfig } from 'vitest/config';

const BUILT = ['**/node_modules/**', '**/dist/**'];
/** Tests wait for things, not for time; this only ends one that waits for what never comes. */
const PATIENCE = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    maxWorkers: 1,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,libs}/**/*.spec.ts'],
          exclude: [...BUILT, '**/*.int.spec.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{apps,libs}/**/*.int.spec.ts'],
          exclude: BUILT,
          globalSetup: 'test/support/engines.setup.ts',
          ...PATIENCE,
        },
      },
      { extends: true, test: { name: 'e2e', include: ['test/e2e/**/*.spec.ts'], exclude: BUILT, ...PATIENCE } },
      { extends: true, test: { name: 'cluster', include: ['test/cluster/**/*.spec.ts'], exclude: BUILT, ...PATIENCE } },
      { extends: true, test: { name: 'faults', include: ['test/faults/**/*.spec.ts'], exclude: BUILT, ...PATIENCE } },
    ],
  },
});
