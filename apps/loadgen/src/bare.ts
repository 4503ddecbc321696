import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs `work` beside a bare server of `scenarios/`, which says where it listens on its first line; then ends it. */
export async function besideBare<T>(
  file: 'bare-ws.ts' | 'bare-log.ts' | 'bare-pages.ts',
  env: NodeJS.ProcessEnv,
  work: (bare: { url: string; pid: number | undefined }) => Promise<T>,
): Promise<T> {
  const bare = spawn(process.execPath, [new URL(`scenarios/${file}`, import.meta.url).pathname], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [url] = (await once(bare.stdout, 'data')) as [Buffer];
    return await work({ url: url.toString().trim(), pid: bare.pid });
  } finally {
    bare.kill();
  }
}
