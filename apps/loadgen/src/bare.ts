import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { NODE_OPTIONS } from '@maru/stack';

/**
 * Runs `work` beside a bare server of `scenarios/`, which says where it listens on its first line; then ends it. It is
 * started with the options of a node.
 */
export async function besideBare<T>(
  file: 'bare-ws.ts' | 'bare-log.ts' | 'bare-pages.ts',
  env: NodeJS.ProcessEnv,
  work: (bare: { url: string; pid: number | undefined }) => Promise<T>,
): Promise<T> {
  const bare = spawn(process.execPath, [...NODE_OPTIONS, new URL(`scenarios/${file}`, import.meta.url).pathname], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const failed = once(bare, 'exit').then(() => Promise.reject(new Error(`${file} ended`)));
    const [url] = (await Promise.race([once(bare.stdout, 'data'), failed])) as [Buffer];
    return await work({ url: url.toString().trim(), pid: bare.pid });
  } finally {
    bare.kill();
  }
}
