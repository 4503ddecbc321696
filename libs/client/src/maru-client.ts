import { ChatError, type OperationName, type OperationReply, type RoomId, type UserId } from '@maru/contract';
import { Connection } from './connection.js';
import { keepNothing, type OutboxStore } from './outbox-store.js';
import { PeopleDirectory } from './people-directory.js';
import { PresenceDirectory } from './presence-directory.js';
import {
  callOperation,
  callRoute,
  type OperationRequest,
  type RouteName,
  type RouteRequest,
  type RouteResponse,
} from './rest-client.js';
import { RoomList } from './room-list.js';
import { RoomView } from './room-view.js';
import { SessionKeeper } from './session-keeper.js';
import { nextFrame, type Schedule } from './store.js';

export interface MaruClientOptions {
  /** Where the server is, such as https://chat.example.com. */
  url: string;
  /** `cookie` in a browser: scripts never see the refresh token. */
  refreshTokenIn?: 'body' | 'cookie';
  /** Keeps what is not acknowledged yet beyond the end of the program: `new IndexedDbOutbox()` in a browser. */
  outboxStore?: OutboxStore;
  /** When watchers of a store hear of its changes. */
  schedule?: Schedule;
  transports?: ('polling' | 'websocket')[];
}

/** How often a tab looks for what another one left behind when it was closed. */
const ADOPT_MS = 10_000;
const ADOPT_WAIT_MS = 500;

/** One person's side of a chat: session, connection, rooms. Reconnects, resumes and resends by itself. */
export class MaruClient {
  readonly session: SessionKeeper;
  readonly connection: Connection;
  readonly people: PeopleDirectory;
  readonly presence: PresenceDirectory;
  readonly rooms: RoomList;
  private readonly views = new Map<RoomId, RoomView>();
  private readonly schedule: Schedule;
  private readonly outboxStore: OutboxStore;
  private owner: UserId | undefined;
  private adopter: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly options: MaruClientOptions) {
    this.schedule = options.schedule ?? nextFrame;
    this.outboxStore = options.outboxStore ?? keepNothing;
    this.session = new SessionKeeper(options.url, options.refreshTokenIn ?? 'body', this.schedule);
    this.session.onPerson((id, loggedOut) => this.belongTo(id, loggedOut));
    this.connection = new Connection(options.url, this.session, this.schedule, options.transports);
    this.people = new PeopleDirectory(
      async (ids) => (await this.call('people', { query: { ids: ids.join(',') } })).items,
      this.schedule,
    );
    this.presence = new PresenceDirectory(this.connection, this.schedule);
    this.rooms = new RoomList(this.connection, this.people, () => this.owner, this.schedule);
    this.connection.onConnect(() => {
      // what was written before goes out before what is written now; a storage that hangs holds nobody up for long
      const waited = new Promise((resolve) => setTimeout(resolve, ADOPT_WAIT_MS));
      void Promise.race([this.adopt(), waited]).then(() => this.views.forEach((view) => view.reconnected()));
      if (this.outboxStore !== keepNothing) this.adopter ??= setInterval(() => void this.adopt(), ADOPT_MS);
    });
    this.connection.onDisconnect(() => this.views.forEach((view) => view.disconnected()));
    this.connection.on('room:entries', ({ roomId, entries }) => {
      this.views.get(roomId)?.receive(entries);
      this.rooms.follow(roomId, entries);
    });
    this.connection.on('room:evicted', ({ roomId }) => this.views.get(roomId)?.evicted());
    this.connection.on('room:reset', ({ roomId }) => this.views.get(roomId)?.reset());
    this.connection.on('room:reads', (reads) => this.views.get(reads.roomId)?.othersRead(reads));
    this.connection.on('room:typing', ({ roomId, ...typing }) => {
      this.people.wantPeople(typing.userIds);
      this.views.get(roomId)?.othersType(typing);
    });
  }

  /** The same view for the same room, until somebody else signs in. */
  room(roomId: string): RoomView {
    const id = roomId as RoomId;
    const known = this.views.get(id);
    if (known !== undefined) return known;
    const { owner, outboxStore } = this;
    const keeper = owner && {
      put: (message: Parameters<OutboxStore['put']>[1]) => outboxStore.put(owner, message),
      remove: (ids: Parameters<OutboxStore['remove']>[1]) => outboxStore.remove(owner, ids),
    };
    const view = new RoomView(
      id,
      this.connection,
      this.people,
      this.schedule,
      owner ?? ('' as UserId),
      keeper,
      (cursor) => this.rooms.haveRead(id, cursor),
    );
    this.views.set(id, view);
    return view;
  }

  /** Calls a REST route as this person. Rejects with ChatError. */
  call<N extends RouteName>(name: N, request = {} as RouteRequest<N>): Promise<RouteResponse<N>> {
    return this.withToken((token) => callRoute(this.options.url, name, request, token));
  }

  /** Asks for an operation, such as `room:join`, as this person. Rejects with ChatError. */
  do<N extends OperationName>(name: N, input: OperationRequest<N>): Promise<OperationReply<N>> {
    return this.withToken((token) => callOperation(this.options.url, name, input, token));
  }

  private async withToken<T>(ask: (token: string) => Promise<T>): Promise<T> {
    const token = await this.session.accessToken();
    try {
      return await ask(token);
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== 'unauthenticated') throw error;
      this.session.reject(token);
      return ask(await this.session.accessToken());
    }
  }

  /** Ends the connection; nothing of this client runs on. */
  close(): void {
    this.connection.close();
    clearInterval(this.adopter);
    this.adopter = undefined;
    this.rooms.stop();
    this.views.forEach((view) => view.stop());
  }

  /** Another person signed in, or this one out: forgets everything of the last one, who sends nothing more from here. */
  private belongTo(id: UserId | undefined, loggedOut: boolean): void {
    if (this.owner === id) return;
    if (this.owner !== undefined) {
      this.close();
      this.views.clear();
      this.rooms.clear();
      this.people.clear();
      this.presence.clear();
      if (loggedOut) this.outboxStore.clear(this.owner);
    }
    this.owner = id;
  }

  /** Sends what earlier runs of this person did not get acknowledged. */
  private async adopt(): Promise<void> {
    const { owner } = this;
    if (owner === undefined) return;
    const messages = await this.outboxStore.adopt(owner);
    if (this.owner !== owner) return;
    for (const roomId of new Set(messages.map((message) => message.roomId))) {
      this.room(roomId).restore(messages.filter((message) => message.roomId === roomId));
    }
  }
}
