import type { Target } from './target.ts';

export type CacheReads = Record<string, { hit: number; miss: number }>;

const LINE = /^maru_cache_reads_total\{([^}]*)\} (\S+)$/gm;
const labelOf = (labels: string, name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';

/** Look-aside reads of all nodes so far, by cache. */
export async function cacheReads({ metricsUrls }: Target): Promise<CacheReads> {
  const reads: CacheReads = {};
  for (const text of await Promise.all(metricsUrls.map(async (url) => (await fetch(url)).text()))) {
    for (const [, labels = '', count = '0'] of text.matchAll(LINE)) {
      const of = (reads[labelOf(labels, 'cache')] ??= { hit: 0, miss: 0 });
      of[labelOf(labels, 'outcome') as 'hit' | 'miss'] += Number(count);
    }
  }
  return reads;
}
