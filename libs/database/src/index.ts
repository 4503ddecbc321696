export { BatchReader } from './batch-reader.js';
export { Database, type DatabaseOptions, type Transaction, type Written } from './database.js';
export { DedicatedConnection } from './dedicated-connection.js';
export { assertDurability, DurabilityError } from './durability.js';
export { isAway, isContention, isDuplicate, RefusedError, retryContention, toRefusal } from './errors.js';
export { ReplicaLag } from './replica-lag.js';
export { literal, uuidBytes, uuidText } from './sql.js';
