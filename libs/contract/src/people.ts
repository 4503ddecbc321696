import { z } from 'zod';
import { SessionId, Timestamp, UserId } from './ids.js';

/** Not as a pattern in the documents: few languages know Unicode classes in their regular expressions. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._-]{0,30}[\p{L}\p{M}\p{N}])?$/u;

export const UserName = z
  .string()
  .refine((name) => NAME.test(name), 'letters, digits, and . _ - inside')
  .refine((name) => name === name.normalize('NFC'), 'must be in Unicode form NFC')
  .meta({
    minLength: 1,
    maxLength: 32,
    description:
      'Unique, case does not count. Letters and digits of any script, with . _ - inside; in Unicode form NFC.',
  });

export const DisplayName = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => name.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) && name.trim() === name, 'plain text')
  .meta({ minLength: 1, maxLength: 64, description: 'What others read. No line breaks, no blanks at the ends.' });

export const Person = z.strictObject({ id: UserId, name: UserName, displayName: DisplayName }).meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;

const Password = z
  .string()
  .min(8)
  .max(128)
  .refine((password) => password.isWellFormed(), 'must be well-formed Unicode')
  .meta({ format: 'password', description: 'The most used passwords, and the name itself, are refused.' });

const carrier = z
  .enum(['body', 'cookie'])
  .default('body')
  .meta({ description: 'Where the refresh token goes: the answer, or an HttpOnly cookie (for browsers).' });

export const Register = z
  .strictObject({
    name: UserName,
    password: Password,
    displayName: DisplayName.optional().meta({ description: 'The name, if left out.' }),
    refreshTokenIn: carrier,
  })
  .meta({ id: 'Register' });
export type Register = z.infer<typeof Register>;

export const Login = z
  .strictObject({ name: z.string().min(1).max(64), password: z.string().min(1).max(128), refreshTokenIn: carrier })
  .meta({ id: 'Login' });
export type Login = z.infer<typeof Login>;

export const RefreshToken = z
  .string()
  .regex(/^[\w-]{22,128}$/)
  .meta({ description: 'Opaque, good once; a second use after ten seconds ends the session.' });

export const Refresh = z
  .strictObject({ refreshToken: RefreshToken.optional().meta({ description: 'Left out: taken from the cookie.' }) })
  .meta({ id: 'Refresh' });
export type Refresh = z.infer<typeof Refresh>;

export const Session = z
  .strictObject({
    person: Person,
    sessionId: SessionId,
    accessToken: z.string().meta({ description: 'JWT; goes into "Authorization: Bearer" and the socket handshake.' }),
    expiresAt: Timestamp,
    refreshToken: RefreshToken.optional().meta({ description: 'Only if it was not asked for as a cookie.' }),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;
