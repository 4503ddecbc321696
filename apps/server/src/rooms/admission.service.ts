import type { Config } from '@maru/config';
import { ChatError, type Person, type RoomId, type UserId } from '@maru/contract';
import { CursorsRepository } from '@maru/read-cursors';
import { Inject, Injectable } from '@nestjs/common';
import { AttemptsRepository, Passwords } from '../auth/index.js';
import { CONFIG } from '../config.token.js';
import { BansRepository } from './bans.repository.js';
import { MembersRepository } from './members.repository.js';
import type { Mutation } from './room-mutations.js';
import { type RoomRecord, RoomsRepository } from './rooms.repository.js';

const WINDOW_MS = 15 * 60_000;

/** Every way into a room leads through here. */
@Injectable()
export class AdmissionService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly rooms: RoomsRepository,
    private readonly members: MembersRepository,
    private readonly bans: BansRepository,
    private readonly passwords: Passwords,
    private readonly attempts: AttemptsRepository,
    private readonly cursors: CursorsRepository,
  ) {}

  /**
   * Checks what somebody gave for the room's password, before the transaction: that takes long. Returns the hash that it
   * fits, if the room has one. Throws `wrong-password`, and `rate-limited` after some tries.
   */
  async checkPassword(room: RoomRecord, userId: UserId, given: string | undefined): Promise<string | null> {
    if (room.kind !== 'password') return null;
    if (given === undefined) throw new ChatError('wrong-password');
    const bucket = `room ${room.id} by ${userId}`;
    await this.attempts.count(bucket, {
      name: 'room passwords',
      max: this.config.LIMIT_ROOM_PASSWORD_TRIES,
      windowMs: WINDOW_MS,
    });
    if (!(await this.passwords.verify(room.passwordHash ?? undefined, given))) throw new ChatError('wrong-password');
    await this.attempts.clear(bucket);
    return room.passwordHash;
  }

  /** The password was changed, or the room got one, while ours was checked. */
  assertStillFits({ room }: Mutation, checked: string | null): void {
    if (room.kind === 'password' && room.passwordHash !== checked) throw new ChatError('wrong-password');
  }

  /** Throws `banned`. */
  async assertNotBanned({ transaction, room }: Mutation, userId: UserId): Promise<void> {
    const ban = await this.bans.find(transaction, room.id, userId);
    if (ban === undefined) return;
    throw new ChatError('banned', ban.until === null ? {} : { retryAfterMs: ban.until - Date.now() });
  }

  /** Makes somebody a member; who is one already stays as he is. Throws `archived`, `banned` and `room-full`. */
  async admit(mutation: Mutation, person: Person): Promise<void> {
    const { transaction, room } = mutation;
    if ((await this.members.find(transaction, room.id, person.id)) !== undefined) return;
    await this.assertNotBanned(mutation, person.id);
    mutation.requireOpen();
    if (!(await this.rooms.countIn(transaction, room.id))) throw new ChatError('room-full');
    const { seq, ordinal } = await mutation.append(person.id === mutation.person.id ? 'joined' : 'added', person);
    await this.members.add(transaction, room.id, person.id, 'member', seq);
    // what was said before is not unread
    await this.cursors.start(transaction, { roomId: room.id, userId: person.id, seq, ordinal });
  }

  isBanned(roomId: RoomId, userId: UserId): Promise<boolean> {
    return this.bans.isBanned(roomId, userId);
  }

  async isMember(roomId: RoomId, userId: UserId): Promise<boolean> {
    return (await this.members.among(roomId, [userId])).length === 1;
  }
}
