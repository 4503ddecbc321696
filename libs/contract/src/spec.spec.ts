import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const tests = globSync('{apps,libs,test}/**/*.spec.ts', { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] });

const rules = new Set(
  [...readFileSync(join(root, 'libs/contract/SPEC.md'), 'utf8').matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(
    ([, id]) => id,
  ),
);
const cited = new Set(
  tests.flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/\[([A-Z]\d+)\]/g)].map(([, id]) => id)),
);

describe('SPEC.md', () => {
  it('[C4] has no rule without a test', () => expect([...rules].filter((id) => !cited.has(id))).toEqual([]));

  it('[C4] has every rule that a test names', () => expect([...cited].filter((id) => !rules.has(id))).toEqual([]));
});
