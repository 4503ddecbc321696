import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Config } from '@maru/config';
import { ChatError, type SessionId } from '@maru/contract';
import { uuidBytes, uuidText } from '@maru/database';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../config.token.js';

export interface RefreshToken {
  token: string;
  sessionId: SessionId;
  hash: Buffer;
}

/**
 * Opaque to the client: the session's id and 256 bits. The successor is an HMAC of its predecessor, so whoever lost an
 * answer and asks again gets the same successor, without a secret being kept in clear.
 */
@Injectable()
export class RefreshTokens {
  private readonly key: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    this.key = createHmac('sha256', config.JWT_SECRET).update('refresh token').digest();
  }

  first(sessionId: SessionId): RefreshToken {
    return token(uuidBytes(sessionId), randomBytes(32));
  }

  successor({ token: predecessor, sessionId }: RefreshToken): RefreshToken {
    return token(uuidBytes(sessionId), createHmac('sha256', this.key).update(predecessor).digest());
  }

  /** Throws `unauthenticated` where it cannot be one of ours. */
  parse(text: string): RefreshToken {
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.length !== 48) throw new ChatError('unauthenticated');
    return token(bytes.subarray(0, 16), bytes.subarray(16));
  }
}

function token(session: Buffer, secret: Buffer): RefreshToken {
  return {
    token: Buffer.concat([session, secret]).toString('base64url'),
    sessionId: uuidText<SessionId>(session),
    hash: createHash('sha256').update(secret).digest(),
  };
}
