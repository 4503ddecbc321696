export { createLogger, type Logger } from './logger.js';
export { loopLoad, loopPressure } from './loop-load.js';
export { metrics } from './metrics.js';
