import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { ChatError, SessionId, UserId } from '@maru/contract';
import type { Config } from '@maru/config';
import type { Identity } from '@maru/realtime';
import { Inject, Injectable } from '@nestjs/common';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { CONFIG } from '../config.token.js';

/** How long an access token is good, milliseconds. */
const ACCESS_MS = 10 * 60_000;
const PROTOCOL = { algorithm: 'HS256', type: 'at+jwt', issuer: 'maru', audience: 'maru' } as const;
const Claims = z.object({ sub: UserId, sid: SessionId });

/** Access tokens are JWTs of one algorithm; every claim that could be confused with another's is checked. */
@Injectable()
export class AccessTokens {
  private readonly key;
  private readonly keyId;

  constructor(@Inject(CONFIG) config: Config) {
    // each use of the secret has a key of its own
    this.key = createSecretKey(createHmac('sha256', config.JWT_SECRET).update('access token').digest());
    this.keyId = createHash('sha256').update(this.key.export()).digest('hex').slice(0, 8);
  }

  async issue({ userId, sessionId }: Identity): Promise<{ accessToken: string; expiresAt: number }> {
    const expiresAt = Math.floor((Date.now() + ACCESS_MS) / 1_000) * 1_000;
    const accessToken = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: PROTOCOL.algorithm, typ: PROTOCOL.type, kid: this.keyId })
      .setSubject(userId)
      .setIssuer(PROTOCOL.issuer)
      .setAudience(PROTOCOL.audience)
      .setIssuedAt()
      .setExpirationTime(expiresAt / 1_000)
      .sign(this.key);
    return { accessToken, expiresAt };
  }

  /** Throws `unauthenticated`. */
  async verify(token: string): Promise<Identity> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.key, {
        algorithms: [PROTOCOL.algorithm],
        typ: PROTOCOL.type,
        issuer: PROTOCOL.issuer,
        audience: PROTOCOL.audience,
        requiredClaims: ['exp', 'iat', 'sub', 'sid'],
      });
      if (protectedHeader.kid !== this.keyId) throw new ChatError('unauthenticated');
      const { sub: userId, sid: sessionId } = Claims.parse(payload);
      return { userId, sessionId };
    } catch (cause) {
      throw new ChatError('unauthenticated', { cause });
    }
  }
}
