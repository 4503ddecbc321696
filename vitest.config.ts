import { defineConfig } from 'vitest/config';

const BUILT = ['**/node_modules/**', '**/dist/**'];
/** Tests wait for things, not for time; this only ends one that waits for what never comes. */
const PATIENCE = { testTimeout: 60_000, hookTimeout: 120_000 };
/** Suites run one after the other. Files of one that mostly wait, each for a system of its own, run two at a time. */
const inTurn = (groupOrder: number, maxWorkers: number) => ({ maxWorkers, sequence: { groupOrder } });

export default defineConfig({
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,libs}/**/*.spec.ts'],
          exclude: [...BUILT, '**/*.int.spec.ts'],
          ...PATIENCE,
          ...inTurn(0, 2),
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
          ...inTurn(1, 1),
        },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.spec.ts'], exclude: BUILT, ...PATIENCE, ...inTurn(2, 2) },
      },
      {
        extends: true,
        test: { name: 'cluster', include: ['test/cluster/**/*.spec.ts'], exclude: BUILT, ...PATIENCE, ...inTurn(3, 1) },
      },
      {
        extends: true,
        test: { name: 'faults', include: ['test/faults/**/*.spec.ts'], exclude: BUILT, ...PATIENCE, ...inTurn(4, 1) },
      },
    ],
  },
});
