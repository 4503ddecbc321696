import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../../..');
export const inRoot = (...path: string[]): string => join(ROOT, ...path);
/** Everything the launcher keeps: data, logs, secrets, private engines. Ignored by git. */
export const HOME = process.env['MARU_HOME'] ?? inRoot('.maru');
