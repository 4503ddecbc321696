import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const YEAR = 'public, max-age=31536000, immutable';

/** The page built in this checkout. */
const BUILT = new URL('../../../web/out/', import.meta.url).pathname;

/**
 * Serves the static export. Files whose name carries their hash are cached for ever, everything else is asked for
 * again each time. Returns whether there was a page to serve.
 */
export async function serveWebPage(app: NestFastifyApplication, root = BUILT): Promise<boolean> {
  if (!existsSync(join(root, 'index.html'))) return false;
  const policy = contentSecurityPolicy(root);
  await app.register(fastifyStatic, {
    root,
    prefix: '/',
    wildcard: false,
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.includes('/_next/static/') ? YEAR : 'no-cache');
      if (/\.html(\.\w+)?$/.test(path)) reply.header('content-security-policy', policy);
    },
  });
  return true;
}

/** Scripts run only from this origin, or when they are one of the inline ones that were built. */
function contentSecurityPolicy(root: string): string {
  const hashes = new Set<string>();
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.html')) continue;
    const html = readFileSync(join(root, file), 'utf8');
    for (const [, script = ''] of html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)) {
      hashes.add(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    }
  }
  return [
    "default-src 'self'",
    `script-src 'self' ${[...hashes].join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
