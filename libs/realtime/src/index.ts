export { Answer } from './answer.js';
export { BroadcastFrame } from './broadcast-frame.js';
export { ChatGateway } from './chat-gateway.js';
export { type Admission, ChatIoAdapter } from './chat-io-adapter.js';
export type { ChatServer, ChatSocket } from './chat-socket.js';
export { Frame, From, parse } from './frame.decorator.js';
export { refusalOf } from './refusal.js';
export { type Identity, Viewer } from './viewer.js';
