import { describe, expect, it } from 'vitest';
import { asyncApi } from './asyncapi.js';
import { openApi } from './openapi.js';
import { PROTOCOL_VERSION } from './protocol.js';
import { REFUSALS } from './errors.js';
import { routes } from './rest-routes.js';
import { commands, facts } from './socket-events.js';

describe('the wire', () => {
  it('[C1] changes only together with PROTOCOL_VERSION', async () => {
    const wire = JSON.stringify({ rest: openApi(), socket: asyncApi() }, null, 1);
    await expect(wire).toMatchFileSnapshot(`./wire/v${PROTOCOL_VERSION}.json`);
  });

  it('[C2] refuses unknown fields in everything a client sends', () => {
    const bodies = Object.values(routes).flatMap((route) => ('body' in route ? [route.body] : []));
    const payloads = Object.values(commands).map((command) => command.payload);
    for (const schema of [...bodies, ...payloads]) {
      const issues = schema.safeParse({ unexpected: 1 }).error?.issues ?? [];
      expect(issues.map((issue) => issue.code)).toContain('unrecognized_keys');
    }
  });

  it('[C3] documents every route, command and fact with its refusals', () => {
    const rest = openApi() as { paths: Record<string, Record<string, { responses: object }>> };
    for (const route of Object.values(routes)) {
      const responses = JSON.stringify(rest.paths[route.path]?.[route.method.toLowerCase()]?.responses);
      for (const code of route.refusals) {
        expect(responses).toContain(`"${code}"`);
        expect(responses).toContain(`"${REFUSALS[code].status}"`);
      }
    }
    const socket = JSON.stringify(asyncApi());
    for (const event of [...Object.keys(commands), ...Object.keys(facts)])
      expect(socket).toContain(`"name":"${event}"`);
    for (const command of Object.values(commands)) {
      for (const code of command.refusals) expect(socket).toContain(`"${code}"`);
    }
  });
});
