import { codePoints, MESSAGE_MAX_CODE_POINTS } from '@maru/contract';

/** Pasted text may bring them; no reader would see them. */
const FORBIDDEN_CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F]/g;

/** What was typed as it can be sent; null where there is nothing to send, or too much. */
export function sendable(typed: string): string | null {
  const text = typed.trim().toWellFormed().replace(FORBIDDEN_CONTROLS, '');
  return text === '' || codePoints(text) > MESSAGE_MAX_CODE_POINTS ? null : text;
}
