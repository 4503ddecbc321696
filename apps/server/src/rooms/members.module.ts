import { Module } from '@nestjs/common';
import { MembersRepository } from './members.repository.js';

/** Apart from RoomsModule, because the log asks it who may write and RoomsModule needs the log. */
@Module({ providers: [MembersRepository], exports: [MembersRepository] })
export class MembersModule {}
