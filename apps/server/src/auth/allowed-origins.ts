/**
 * May a page of this origin talk to us? The page's own host may, those of PUBLIC_ORIGINS may, and so may clients that
 * are no browser and send no Origin. `null` (sandboxed frames, files) may not.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  publicOrigins: readonly string[],
): boolean {
  if (origin === undefined) return true;
  if (publicOrigins.includes(origin)) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}
