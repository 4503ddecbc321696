import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { Viewer } from './viewer.js';

export interface SocketData {
  viewer: Viewer;
}

export type ChatSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
export type ChatServer = Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
