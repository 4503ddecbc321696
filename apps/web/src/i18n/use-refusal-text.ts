import { ChatError } from '@maru/contract';
import { useFormatter, useTranslations } from 'use-intl';

const TOLD = [
  'wrong-credentials',
  'name-taken',
  'overloaded',
  'unavailable',
  'not-member',
  'not-found',
  'forbidden',
  'conflict',
  'banned',
  'muted',
  'wrong-password',
  'archived',
  'room-full',
  'last-owner',
  'too-late',
  'too-many',
  'unknown',
] as const;

/** What to do about an error, in the reader's language. */
export function useRefusalText(): (error: unknown) => string {
  const t = useTranslations('errors');
  const format = useFormatter();
  return (error) => {
    if (!(error instanceof ChatError)) return t('other');
    const known = TOLD.find((code) => code === error.code);
    if (known !== undefined) return t(known);
    if (error.code === 'rate-limited' || error.code === 'slow-mode') {
      const seconds = Math.ceil((error.retryAfterMs ?? 1_000) / 1_000);
      const [amount, unit] = seconds < 90 ? [seconds, 'second' as const] : [Math.ceil(seconds / 60), 'minute' as const];
      return t(error.code, { wait: format.number(amount, { style: 'unit', unit, unitDisplay: 'long' }) });
    }
    if (error.code === 'invalid') return t(invalidField(error.message));
    return t('other');
  };
}

/** The server names the field first: `password: too common`. */
function invalidField(message: string): 'invalid' | 'invalidName' | 'invalidPassword' | 'commonPassword' {
  if (message.startsWith('password: too common')) return 'commonPassword';
  if (message.startsWith('password')) return 'invalidPassword';
  return message.startsWith('name') ? 'invalidName' : 'invalid';
}
