import { ChatError, type Person, type Session, type UserId } from '@maru/contract';
import { callRoute } from './rest-client.js';
import { type Schedule, Store } from './store.js';

export interface SessionState {
  /** `unknown` until a kept session was looked for. */
  status: 'unknown' | 'signed-out' | 'signed-in';
  person: Person | null;
}

/** A token is renewed when it is good for less than this, milliseconds. */
const MARGIN_MS = 30_000;

/** Holds the tokens of one signed-in person and renews them; several callers that need a token share one renewal. */
export class SessionKeeper {
  readonly store: Store<SessionState>;
  private session: Session | undefined;
  private renewal: Promise<Session> | undefined;
  private personListener: (id: UserId | undefined, loggedOut: boolean) => void = () => {};

  constructor(
    private readonly baseUrl: string,
    private readonly carrier: 'body' | 'cookie',
    schedule: Schedule,
  ) {
    this.store = new Store<SessionState>({ status: 'unknown', person: null }, schedule);
  }

  /** Told at once whose session this is now; undefined: nobody's, because it ended or because the person logged out. */
  onPerson(listener: (id: UserId | undefined, loggedOut: boolean) => void): void {
    this.personListener = listener;
  }

  async register(name: string, password: string, displayName?: string): Promise<Person> {
    const body = { name, password, displayName, refreshTokenIn: this.carrier };
    return this.keep(await callRoute(this.baseUrl, 'register', { body }));
  }

  async login(name: string, password: string): Promise<Person> {
    return this.keep(
      await callRoute(this.baseUrl, 'login', { body: { name, password, refreshTokenIn: this.carrier } }),
    );
  }

  /** Looks for a session kept by the browser, or continues the one of this refresh token. Returns null if there is none. */
  async restore(refreshToken?: string): Promise<Person | null> {
    try {
      return (await this.renew(refreshToken)).person;
    } catch (error) {
      if (isSignedOut(error)) return null;
      throw error;
    }
  }

  /** Nobody is signed in, and there is no session to look for. */
  startSignedOut(): void {
    this.forget();
  }

  async logout(): Promise<void> {
    const token = await this.accessToken().catch(() => undefined);
    if (token !== undefined) await callRoute(this.baseUrl, 'logout', {}, token).catch(() => {});
    this.forget(true);
  }

  /** A token that is good for a while yet. Rejects with `unauthenticated` once the session has ended. */
  async accessToken(): Promise<string> {
    if (this.session === undefined) throw new ChatError('unauthenticated');
    if (this.session.expiresAt - Date.now() > MARGIN_MS) return this.session.accessToken;
    return (await this.renew()).accessToken;
  }

  /** The server did not take this token: the next one asked for is another. */
  reject(token: string): void {
    if (this.session?.accessToken === token) this.session = { ...this.session, expiresAt: 0 };
  }

  get refreshToken(): string | undefined {
    return this.session?.refreshToken;
  }

  private renew(refreshToken = this.session?.refreshToken): Promise<Session> {
    this.renewal ??= callRoute(this.baseUrl, 'refresh', { body: { refreshToken } })
      .then(
        (session) => {
          this.keep(session);
          return session;
        },
        (error: unknown) => {
          if (isSignedOut(error)) this.forget();
          throw error;
        },
      )
      .finally(() => (this.renewal = undefined));
    return this.renewal;
  }

  private keep(session: Session): Person {
    this.session = session;
    this.personListener(session.person.id, false);
    this.store.update({ status: 'signed-in', person: session.person });
    return session.person;
  }

  private forget(loggedOut = false): void {
    this.session = undefined;
    this.personListener(undefined, loggedOut);
    this.store.update({ status: 'signed-out', person: null });
  }
}

const isSignedOut = (error: unknown): boolean => error instanceof ChatError && error.code === 'unauthenticated';
