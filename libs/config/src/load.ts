import { readFileSync } from 'node:fs';
import { Env } from './env.js';

export type Config = Omit<Env, 'JWT_SECRET' | 'JWT_SECRET_FILE'> & { JWT_SECRET: string; production: boolean };

/** Its message is one line that names the variable; the process ends with it. */
export class ConfigError extends Error {}

/** The first version of Node that has all that is used here. */
const NODE_MAJOR = 24;

/** Parses the environment once, at start. Throws ConfigError; empty variables count as unset. */
export function loadConfig(environment: NodeJS.ProcessEnv, node = process.versions.node): Config {
  if (Number.parseInt(node, 10) < NODE_MAJOR) {
    throw new ConfigError(`Node ${NODE_MAJOR} is needed, and this is ${node}: use node_modules/.bin/node.`);
  }
  const given = Object.fromEntries(
    Object.keys(Env.shape)
      .map((name) => [name, environment[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Env.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    throw new ConfigError(given[name] === undefined ? `${name} is missing.` : `${name}: ${issue?.message}.`);
  }
  if (parsed.data.EVENTS === 'kafka' && parsed.data.KAFKA_BROKERS.length === 0) {
    throw new ConfigError('KAFKA_BROKERS is missing.');
  }
  const production = environment['NODE_ENV'] === 'production';
  return { ...parsed.data, production, JWT_SECRET: secret(parsed.data, production) };
}

function secret(env: Env, production: boolean): string {
  const fromFile = env.JWT_SECRET_FILE === undefined ? undefined : readSecret(env.JWT_SECRET_FILE);
  const value = env.JWT_SECRET ?? fromFile;
  if (value === undefined) throw new ConfigError('JWT_SECRET is missing. Make one: openssl rand -base64 48');
  if (value.length < 32) throw new ConfigError('JWT_SECRET_FILE: the secret must have at least 32 characters.');
  if (production && new Set(value).size < 10) {
    throw new ConfigError('JWT_SECRET is too simple for production. Make one: openssl rand -base64 48');
  }
  return value;
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new ConfigError(`JWT_SECRET_FILE: cannot read ${path}.`);
  }
}
