// The contract is part of the packed library: nobody else needs to install it. `--remove` after packing.
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const bundled = here('node_modules/@maru/contract/');
rmSync(bundled, { recursive: true, force: true });
if (!process.argv.includes('--remove')) {
  const isWanted = (path) => !/\.spec\.|\.tsbuildinfo$/.test(path);
  for (const part of ['package.json', 'dist']) {
    cpSync(here(`../contract/${part}`), bundled + part, { recursive: true, filter: isWanted });
  }
}
