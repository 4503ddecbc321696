import { type Route, type routes } from '@maru/contract';
import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';

export const ROUTE = 'maru:route';

/** Binds a handler to a route of the contract: its method, path, status and whether it needs an access token. */
export function Serves(route: (typeof routes)[keyof typeof routes]): MethodDecorator {
  const { method, path, status }: Route = route;
  return applyDecorators(
    RequestMapping({ method: RequestMethod[method], path: path.replace(/\{(\w+)\}/g, ':$1') }),
    HttpCode(status),
    SetMetadata(ROUTE, route),
  );
}
