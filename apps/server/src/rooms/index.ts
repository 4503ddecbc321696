export { MembersModule } from './members.module.js';
export { MembersRepository } from './members.repository.js';
export { RoomRights } from './room-rights.js';
export { RoomsModule } from './rooms.module.js';
export { mayPin } from './room-rules.js';
