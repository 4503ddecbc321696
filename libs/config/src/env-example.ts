import type { z } from 'zod';
import { Env } from './env.js';

/** The text of .env.example: each variable with its meaning and default. A test compares it with the file. */
export function envExample(): string {
  const lines = [
    '# Every variable of a node. Unset ones take the value shown; those without one are required or optional.',
  ];
  for (const [name, schema] of Object.entries(Env.shape)) {
    lines.push('', `# ${schema.description}`, `${name}=${defaultOf(schema)}`);
  }
  return `${lines.join('\n')}\n`;
}

function defaultOf(schema: z.ZodType): string {
  const definition = schema.def as { type: string; defaultValue?: unknown };
  return definition.type === 'prefault' ? String(definition.defaultValue) : '';
}
