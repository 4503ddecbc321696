export type { Advanced, MemberChange, Reading, Snapshot, Step } from './cursor-types.js';
export { CursorsRepository } from './cursors.repository.js';
export { ReadCursors } from './read-cursors.js';
export { type Said, unreadNumbers } from './unread-numbers.js';
