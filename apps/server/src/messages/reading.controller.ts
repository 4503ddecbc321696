import {
  type OperationInput,
  type ReadCursor,
  type Readers,
  routes,
  type UnreadNumbers,
  type UnreadNumbersRead,
} from '@maru/contract';
import { Command, type Identity, type Viewer } from '@maru/realtime';
import { Controller, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Caller } from '../http/caller.decorator.js';
import { Handles } from '../http/operation.decorator.js';
import { Serves } from '../http/route.decorator.js';
import { ReadingService } from './reading.service.js';

const { readers, unreadNumbers } = routes;

@Controller()
export class ReadingController {
  constructor(private readonly reading: ReadingService) {}

  @Handles('room:read')
  read({ userId }: Identity, input: OperationInput<'room:read'>): Promise<ReadCursor> {
    return this.reading.read(userId, input);
  }

  @Command('unread:read')
  readNumbers({ identity }: Viewer, input: UnreadNumbersRead): Promise<UnreadNumbers> {
    return this.reading.numbers(identity.userId, input);
  }

  @Serves(unreadNumbers)
  numbers(
    @Caller() { userId }: Identity,
    @Param({ schema: unreadNumbers.params }) { roomId }: z.output<typeof unreadNumbers.params>,
    @Query({ schema: unreadNumbers.query }) range: z.output<typeof unreadNumbers.query>,
  ): Promise<UnreadNumbers> {
    return this.reading.numbers(userId, { roomId, ...range });
  }

  @Serves(readers)
  listReaders(
    @Caller() { userId }: Identity,
    @Param({ schema: readers.params }) { roomId, seq }: z.output<typeof readers.params>,
    @Query({ schema: readers.query }) { read, after }: z.output<typeof readers.query>,
  ): Promise<Readers> {
    return this.reading.readers(userId, roomId, seq, { read: read === 'true', after });
  }
}
