/** Names of what is made before Nest starts; main.ts hands it to the modules. */
export const CONFIG = Symbol('configuration');
export const LOGGER = Symbol('logger');
