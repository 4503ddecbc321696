import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The emoji picker reads its names from this host, never from another: they are put beside the page. */
const from = dirname(createRequire(import.meta.url).resolve('emojibase-data/package.json'));
for (const locale of ['en', 'ko']) {
  const to = join(import.meta.dirname, 'public/emojis', locale);
  mkdirSync(to, { recursive: true });
  for (const file of ['data.json', 'messages.json']) {
    const content = readFileSync(join(from, locale, file));
    writeFileSync(join(to, file), content);
    writeFileSync(join(to, `${file}.gz`), gzipSync(content));
  }
}
