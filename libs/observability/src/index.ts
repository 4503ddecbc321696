export { createLogger, type Logger } from './logger.js';
export { loopPressure } from './loop-load.js';
export { metrics } from './metrics.js';
