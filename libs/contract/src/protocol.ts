/** Raised with every change of the wire that an older client would notice. A test compares it with the schemas. */
export const PROTOCOL_VERSION = 4;
