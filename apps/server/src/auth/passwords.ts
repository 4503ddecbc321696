import { ChatError } from '@maru/contract';
import { metrics } from '@maru/observability';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's second choice for argon2id (the package's default algorithm): 19 MiB, 2 passes, 1 lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashing is the dearest thing a stranger can ask for: two at once leave the chat its cores. */
const AT_ONCE = 2;
const QUEUE_MAX = 500;

@Injectable()
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  /** What a password is checked against where there is no account. */
  private readonly dummy = hash(crypto.randomUUID(), PARAMETERS);

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password.normalize('NFC'), PARAMETERS));
  }

  /** Takes the same time whether or not there is such an account. */
  async verify(stored: string | undefined, password: string): Promise<boolean> {
    const dummy = await this.dummy;
    const against = stored ?? dummy;
    const right = await this.inTurn(() => verify(against, password.normalize('NFC')));
    return right && stored !== undefined;
  }

  /** Throws `overloaded` rather than letting the queue grow. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= QUEUE_MAX) throw new ChatError('overloaded', { retryAfterMs: 1_000 });
      metrics.passwordQueue.inc();
      await new Promise<void>((turn) => this.waiting.push(turn));
      metrics.passwordQueue.dec();
    } else this.running++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
