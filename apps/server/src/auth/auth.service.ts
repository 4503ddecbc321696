import { ChatError, nameKey, type Login, type Person, type Register, type UserId } from '@maru/contract';
import type { Config } from '@maru/config';
import type { Identity } from '@maru/realtime';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../config.token.js';
import { AttemptsRepository } from './attempts.repository.js';
import { isCommonPassword } from './common-passwords.js';
import { Passwords } from './passwords.js';
import { SessionsService, type Grant } from './sessions.service.js';
import { UsersRepository } from './users.repository.js';

const FOUND_MAX = 20;
const HOUR_MS = 3_600_000;
const LOGIN_WINDOW_MS = 15 * 60_000;

/** Where a request came from. */
export interface Origin {
  ip: string;
  device: string;
}

export type SignedIn = Grant & { person: Person };

@Injectable()
export class AuthService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly users: UsersRepository,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly attempts: AttemptsRepository,
  ) {}

  async register({ name, password, displayName = name }: Register, from: Origin): Promise<SignedIn> {
    if (isCommonPassword(password, name)) {
      throw new ChatError('invalid', { message: 'password: too common' });
    }
    await this.attempts.count(`register ${from.ip}`, {
      name: 'registrations',
      max: this.config.LIMIT_REGISTER_PER_IP,
      windowMs: HOUR_MS,
    });
    const person = await this.users.add(name, displayName, await this.passwords.hash(password));
    return { person, ...(await this.sessions.start(person.id, from.device)) };
  }

  /** The same answer, after the same work, for a wrong password and for an account that does not exist. */
  async login({ name, password }: Login, from: Origin): Promise<SignedIn> {
    const { LIMIT_LOGIN_PER_IP, LIMIT_LOGIN_PER_ACCOUNT } = this.config;
    const account = `login to ${nameKey(name)}`;
    await this.attempts.count(`login from ${from.ip}`, {
      name: 'log-ins from an address',
      max: LIMIT_LOGIN_PER_IP,
      windowMs: LOGIN_WINDOW_MS,
    });
    await this.attempts.count(account, {
      name: 'log-ins to an account',
      max: LIMIT_LOGIN_PER_ACCOUNT,
      windowMs: LOGIN_WINDOW_MS,
    });
    const user = await this.users.byName(name);
    const right = await this.passwords.verify(user?.passwordHash, password);
    if (user === undefined || !right) throw new ChatError('wrong-credentials');
    await this.attempts.clear(account);
    return { person: user.person, ...(await this.sessions.start(user.person.id, from.device)) };
  }

  async refresh(token: string): Promise<SignedIn> {
    const grant = await this.sessions.refresh(token);
    return { person: await this.person(grant.identity.userId), ...grant };
  }

  async logout(identity: Identity): Promise<void> {
    await this.sessions.end(identity);
  }

  async logoutEverywhere({ userId }: Identity): Promise<void> {
    await this.sessions.endAll(userId);
  }

  /** Throws `unauthenticated` if the account is gone. */
  async person(id: UserId): Promise<Person> {
    const [person] = await this.users.byIds([id]);
    if (person === undefined) throw new ChatError('unauthenticated');
    return person;
  }

  /** Unknown ids are left out. */
  people(ids: Iterable<UserId>): Promise<Person[]> {
    return this.users.byIds(ids);
  }

  /** Unknown names are left out. */
  peopleNamed(names: readonly string[]): Promise<Person[]> {
    return names.length === 0 ? Promise.resolve([]) : this.users.byNames(names);
  }

  find(text: string): Promise<Person[]> {
    return this.users.beginningWith(text.trim(), FOUND_MAX);
  }
}
