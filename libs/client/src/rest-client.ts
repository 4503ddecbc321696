import { ChatError, REFUSALS, type RefusalCode, routes } from '@maru/contract';
import type { z } from 'zod';

export type Routes = typeof routes;
export type RouteName = keyof Routes;
type In<R, K extends string> =
  R extends Record<K, infer S extends z.ZodType> ? { [P in K]: z.input<S> } : { [P in K]?: undefined };
export type RouteRequest<N extends RouteName> = In<Routes[N], 'params'> &
  In<Routes[N], 'query'> &
  In<Routes[N], 'body'>;
export type RouteResponse<N extends RouteName> = Routes[N]['response'] extends z.ZodType
  ? z.output<Routes[N]['response']>
  : undefined;

interface Parts {
  params?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
}

/** Calls a route of the contract. Rejects with ChatError; an unreachable server is `unavailable`. */
export async function callRoute<N extends RouteName>(
  baseUrl: string,
  name: N,
  request: RouteRequest<N>,
  accessToken?: string,
): Promise<RouteResponse<N>> {
  const route: Routes[N] | undefined = routes[name];
  if (route === undefined) throw new ChatError('invalid', { message: `there is no route ${name}` });
  const { method, path } = route;
  const { params = {}, query = {}, body } = request as Parts;
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
  const response = await fetch(`${baseUrl}${filled}${search.size > 0 ? `?${search}` : ''}`, {
    method,
    credentials: 'include',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new ChatError('unavailable', { message: `${baseUrl} cannot be reached`, retryAfterMs: 1_000, cause });
  });
  if (!response.ok) throw await refusal(response);
  return (response.status === 204 ? undefined : await response.json()) as RouteResponse<N>;
}

/** Errors of anything between us and the server (a balancer, a proxy) have no code of ours: they are passing. */
async function refusal(response: Response): Promise<ChatError> {
  const body = (await response.json().catch(() => ({}))) as {
    error?: { code?: string; message?: string; retryAfterMs?: number };
  };
  const { code = '', message, retryAfterMs } = body.error ?? {};
  return new ChatError(code in REFUSALS ? (code as RefusalCode) : 'unavailable', { message, retryAfterMs });
}
