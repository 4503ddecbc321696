import { escape } from 'mysql2';

/** A UUID as the 16 bytes that are stored. */
export const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** The UUID of 16 stored bytes, lower case. */
export function uuidText<Id extends string>(bytes: Buffer): Id {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Id;
}

const hexDigits = (text: string): string => text.replace(/[^0-9a-f]/g, '');

/** Literals for the log writer's hand-made statements; everything else uses placeholders. */
export const literal = {
  /** The caller has checked that this is a UUID: only its hex digits get through. */
  uuid: (uuid: string): string => `x'${hexDigits(uuid)}'`,
  /** Only hex digits get through. */
  hex: (digits: string): string => `x'${hexDigits(digits)}'`,
  /** The hex digits of a UUID, to be put together with others. */
  digits: (uuid: string): string => hexDigits(uuid),
  /** Safe under the session's sql_mode, which DedicatedConnection sets (backslash escapes on). */
  text: (text: string): string => escape(text),
  time: (ms: number): string => `'${new Date(ms).toISOString().replace('T', ' ').slice(0, -1)}'`,
};
