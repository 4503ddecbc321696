export type { Advanced, MemberChange, Reading, Snapshot, Step, Version } from './cursor-types.js';
export { CursorsRepository } from './cursors.repository.js';
export { ReadCursors, type SnapshotAge } from './read-cursors.js';
export { type Said, unreadNumbers } from './unread-numbers.js';
