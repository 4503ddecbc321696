export { envExample } from './env-example.js';
export { type Config, ConfigError, loadConfig } from './load.js';
