import { join } from 'node:path';
import type { NextConfig } from 'next';

/** A static export: the node serves it, and so can any CDN. Types are checked by `npm run check`. */
const config: NextConfig = {
  output: 'export',
  reactStrictMode: true,
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: join(import.meta.dirname, '../..') },
  poweredByHeader: false,
};

export default config;
