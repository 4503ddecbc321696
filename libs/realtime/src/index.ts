export { Answer } from './answer.js';
export { BroadcastFrame } from './broadcast-frame.js';
export { type Admission, ChatIoAdapter } from './chat-io-adapter.js';
export type { ChatServer, ChatSocket } from './chat-socket.js';
export { ControlPlane } from './control-plane.js';
export { Command, OperationCommand, type OperationHandler } from './command.decorator.js';
export { parse } from './parse.js';
export { refusalOf } from './refusal.js';
export { type Identity, type OutboundLimits, Viewer } from './viewer.js';
