import {
  ChatError,
  type CreateRoom,
  type JoinedRoom,
  type OperationInput,
  type PublicRoom,
  type RoomId,
  type UpdateRoom,
  type UserId,
} from '@maru/contract';
import { isDuplicate } from '@maru/database';
import { Injectable } from '@nestjs/common';
import { uuidv7 } from 'uuidv7';
import { AuthService, Passwords } from '../auth/index.js';
import { PersonLimits } from '../person-limits.js';
import { AdmissionService } from './admission.service.js';
import { BansRepository } from './bans.repository.js';
import { InvitesRepository } from './invites.repository.js';
import { MembersRepository } from './members.repository.js';
import { type Mutation, RoomMutations } from './room-mutations.js';
import { allow, isAtLeast, isListed } from './room-rules.js';
import { directKey, type RoomRecord, RoomsRepository } from './rooms.repository.js';

const DIRECTORY_PAGE = 50;
const DIRECT = { kind: 'direct', capacity: 2, history: 'all', slowModeSeconds: 0 } as const;

/** Rooms: making, finding, joining, leaving, changing and ending them. */
@Injectable()
export class RoomsService {
  constructor(
    private readonly auth: AuthService,
    private readonly passwords: Passwords,
    private readonly rooms: RoomsRepository,
    private readonly members: MembersRepository,
    private readonly bans: BansRepository,
    private readonly invites: InvitesRepository,
    private readonly admission: AdmissionService,
    private readonly mutations: RoomMutations,
    private readonly limits: PersonLimits,
  ) {}

  async create(owner: UserId, wanted: CreateRoom): Promise<JoinedRoom> {
    const { name, topic, kind, capacity, history, slowModeSeconds, password } = wanted;
    if ((kind === 'password') !== (password !== undefined)) {
      throw new ChatError('invalid', { message: 'password: for kind `password`, and only there' });
    }
    const passwordHash = password === undefined ? null : await this.hash(owner, password);
    const others = (await this.auth.people(wanted.members)).filter(({ id }) => id !== owner);
    const room = {
      ...newRecord(name, topic, passwordHash),
      kind,
      capacity,
      history,
      slowModeSeconds,
    };
    await this.mutations.make(room, owner, async (mutation) => {
      const { transaction, person } = mutation;
      await this.rooms.add(transaction, { ...room, createdBy: owner, directKey: null });
      await mutation.append('created', person);
      await this.admission.admit(mutation, person);
      await this.members.setRole(transaction, room.id, owner, 'owner');
      for (const other of others) await this.admission.admit(mutation, other);
    });
    return this.require(owner, room.id);
  }

  /** The one room of two people. Whoever asks second, or at the same time, gets the same. Throws `not-found`. */
  async direct(userId: UserId, otherId: UserId): Promise<JoinedRoom> {
    if (otherId === userId) throw new ChatError('invalid', { message: 'userId: somebody else' });
    const [other] = await this.auth.people([otherId]);
    if (other === undefined) throw new ChatError('not-found');
    const key = directKey(userId, otherId);
    const known = await this.rooms.byDirectKey(key);
    if (known !== undefined) return this.require(userId, known);
    const room = { ...newRecord('', '', null), ...DIRECT };
    try {
      await this.mutations.make(room, userId, async (mutation) => {
        await this.rooms.add(mutation.transaction, { ...room, createdBy: userId, directKey: key });
        await mutation.append('created', mutation.person);
        for (const one of [mutation.person, other]) await this.admission.admit(mutation, one);
      });
      return await this.require(userId, room.id);
    } catch (error) {
      const made = isDuplicate(error) ? await this.rooms.byDirectKey(key) : undefined;
      if (made === undefined) throw error;
      return this.require(userId, made);
    }
  }

  /** Joining twice is no error. Rooms that are not listed are `not-found`, as those are that do not exist. */
  async join(userId: UserId, { roomId, password }: OperationInput<'room:join'>): Promise<JoinedRoom> {
    const room = await this.rooms.record(roomId);
    const isMember = room !== undefined && (await this.admission.isMember(roomId, userId));
    if (room === undefined || !(isMember || isListed(room.kind))) throw new ChatError('not-found');
    const checked = isMember ? null : await this.admission.checkPassword(room, userId, password);
    await this.mutations.enter(roomId, userId, async (mutation) => {
      if (mutation.actor !== undefined) return;
      if (!isListed(mutation.room.kind)) throw new ChatError('not-found');
      await this.admission.assertNotBanned(mutation, userId);
      this.admission.assertStillFits(mutation, checked);
      await this.admission.admit(mutation, mutation.person);
    });
    return this.require(userId, roomId);
  }

  /** An owner has to hand over first, unless nobody else is there: then the room ends. */
  async leave(userId: UserId, roomId: RoomId): Promise<void> {
    await this.mutations.run(roomId, userId, async (mutation) => {
      const { member, room, transaction, person } = mutation;
      allow(room.kind !== 'direct');
      if (room.memberCount === 1) return this.end(mutation);
      if (member.role === 'owner') throw new ChatError('last-owner');
      await mutation.append('left', person, { changesRights: true });
      await this.members.remove(transaction, roomId, userId);
      await this.rooms.countOut(transaction, roomId);
    });
  }

  /** Throws `conflict` when somebody else changed the room since it was read. */
  async update(userId: UserId, wanted: UpdateRoom): Promise<JoinedRoom> {
    const { roomId, version, name, topic, password, ...settings } = wanted;
    if (password !== undefined) allow(isAtLeast((await this.require(userId, roomId)).role, 'admin'));
    const passwordHash = password === undefined ? undefined : await this.hash(userId, password);
    await this.mutations.run(roomId, userId, async (mutation) => {
      const { room, member, transaction } = mutation;
      const changesSettings = Object.keys(settings).length > 0 || passwordHash !== undefined;
      allow(
        room.kind === 'group' ? !changesSettings || isAtLeast(member.role, 'admin') : isAtLeast(member.role, 'admin'),
      );
      allow(room.kind !== 'direct' && !(room.kind === 'group' && settings.kind !== undefined));
      mutation.requireOpen();
      const after: RoomRecord = {
        ...room,
        ...defined({ name, topic, ...settings }),
        version,
        passwordHash: passwordHash ?? room.passwordHash,
      };
      if (after.kind !== 'password') {
        if (passwordHash !== undefined) throw new ChatError('invalid', { message: 'password: for kind `password`' });
        after.passwordHash = null;
      } else if (after.passwordHash === null) throw new ChatError('invalid', { message: 'password: missing' });
      if (version !== room.version) throw new ChatError('conflict');
      if (isSame(room, after)) return;
      if (!(await this.rooms.update(transaction, after))) throw new ChatError('conflict');
      await this.appendUpdates(mutation, after);
    });
    return this.require(userId, roomId);
  }

  async archive(userId: UserId, roomId: RoomId, archived: boolean): Promise<JoinedRoom> {
    await this.mutations.run(roomId, userId, async (mutation) => {
      mutation.require('owner', true);
      if (mutation.room.archived === archived) return;
      await this.rooms.setArchived(mutation.transaction, roomId, archived);
      await mutation.append(archived ? 'archived' : 'unarchived', mutation.person, { changesRights: true });
    });
    return this.require(userId, roomId);
  }

  async delete(userId: UserId, roomId: RoomId): Promise<void> {
    await this.mutations.run(roomId, userId, async (mutation) => {
      mutation.require('owner', true);
      await this.end(mutation);
    });
  }

  async directory(userId: UserId, search = '', before?: RoomId): Promise<PublicRoom[]> {
    if (search !== '') await this.limits.takeLookup(userId);
    return this.rooms.directory(userId, search, before, DIRECTORY_PAGE);
  }

  /** One of my rooms. Throws `not-member`. */
  async require(userId: UserId, roomId: RoomId): Promise<JoinedRoom> {
    const room = await this.rooms.joined(userId, roomId);
    if (room === undefined) throw new ChatError('not-member');
    return room;
  }

  /** Costs the node more than anything else here: only so often for one person. */
  private async hash(userId: UserId, password: string): Promise<string> {
    await this.limits.takeRoomChange(userId);
    return this.passwords.hash(password);
  }

  /** Nobody is a member any more; what was said is purged a while later. */
  private async end(mutation: Mutation): Promise<void> {
    const { transaction, room, person } = mutation;
    await mutation.append('deleted', person, { changesRights: true });
    await this.members.removeAll(transaction, room.id);
    await this.bans.removeAll(transaction, room.id);
    await this.invites.removeAll(transaction, room.id);
    await this.rooms.markDeleted(transaction, room.id);
  }

  /** One system entry for each thing that is different now. */
  private async appendUpdates(mutation: Mutation, after: RoomRecord): Promise<void> {
    const { room: before, person } = mutation;
    if (after.name !== before.name) await mutation.append('renamed', person, { to: after.name });
    if (after.topic !== before.topic) await mutation.append('topic', person, { to: after.topic });
    const { kind, capacity, history, slowModeSeconds } = after;
    if (SETTINGS.some((key) => after[key] !== before[key])) {
      const settings = { kind, capacity, history, slowModeSeconds };
      await mutation.append('settings', person, { settings, changesRights: true });
    }
  }
}

const SETTINGS = ['kind', 'capacity', 'history', 'slowModeSeconds', 'passwordHash'] as const;
const isSame = (before: RoomRecord, after: RoomRecord): boolean =>
  ([...SETTINGS, 'name', 'topic'] as const).every((key) => before[key] === after[key]);

const newRecord = (name: string, topic: string, passwordHash: string | null) => ({
  id: uuidv7() as RoomId,
  name,
  topic,
  passwordHash,
  memberCount: 0,
  archived: false,
  version: 1,
});

/** Without what was left out. */
const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
