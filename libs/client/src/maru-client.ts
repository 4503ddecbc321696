import { ChatError, type RoomId } from '@maru/contract';
import { Connection } from './connection.js';
import { PeopleDirectory } from './people-directory.js';
import { callRoute, type RouteName, type RouteRequest, type RouteResponse } from './rest-client.js';
import { RoomList } from './room-list.js';
import { RoomView } from './room-view.js';
import { SessionKeeper } from './session-keeper.js';
import { nextFrame, type Schedule } from './store.js';

export interface MaruClientOptions {
  /** Where the server is, such as https://chat.example.com. */
  url: string;
  /** `cookie` in a browser: scripts never see the refresh token. */
  refreshTokenIn?: 'body' | 'cookie';
  /** When watchers of a store hear of its changes. */
  schedule?: Schedule;
  transports?: ('polling' | 'websocket')[];
}

/** One person's side of a chat: session, connection, rooms. Reconnects, resumes and resends by itself. */
export class MaruClient {
  readonly session: SessionKeeper;
  readonly connection: Connection;
  readonly people: PeopleDirectory;
  readonly rooms: RoomList;
  private readonly views = new Map<RoomId, RoomView>();
  private readonly schedule: Schedule;

  constructor(private readonly options: MaruClientOptions) {
    this.schedule = options.schedule ?? nextFrame;
    this.session = new SessionKeeper(options.url, options.refreshTokenIn ?? 'body', this.schedule);
    this.connection = new Connection(options.url, this.session, this.schedule, options.transports);
    this.people = new PeopleDirectory(
      async (ids) => (await this.call('people', { query: { ids: ids.join(',') } })).items,
      this.schedule,
    );
    this.rooms = new RoomList(this.connection, this.people, this.schedule);
    this.connection.onConnect(() => this.views.forEach((view) => view.reconnected()));
    this.connection.onDisconnect(() => this.views.forEach((view) => view.disconnected()));
    this.connection.on('room:entries', ({ roomId, entries }) => {
      this.views.get(roomId)?.receive(entries);
      const last = entries.at(-1);
      if (last !== undefined) this.rooms.touch({ roomId, head: last.seq, ordinal: last.ordinal, last });
    });
    this.connection.on('room:evicted', ({ roomId }) => this.views.get(roomId)?.evicted());
  }

  /** The same view for the same room. */
  room(id: RoomId): RoomView {
    let view = this.views.get(id);
    if (view === undefined) this.views.set(id, (view = new RoomView(id, this.connection, this.people, this.schedule)));
    return view;
  }

  /** Calls a REST route as this person. Rejects with ChatError. */
  async call<N extends RouteName>(name: N, request: RouteRequest<N>): Promise<RouteResponse<N>> {
    const token = await this.session.accessToken();
    try {
      return await callRoute(this.options.url, name, request, token);
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== 'unauthenticated') throw error;
      this.session.reject(token);
      return callRoute(this.options.url, name, request, await this.session.accessToken());
    }
  }

  /** Forgets everything of the last person; the next one on this device starts with nothing. */
  signedOut(): void {
    this.close();
    this.views.clear();
    this.rooms.clear();
    this.people.clear();
  }

  /** Ends the connection; nothing of this client runs on. */
  close(): void {
    this.connection.close();
    this.rooms.stop();
    this.views.forEach((view) => view.stop());
  }
}
