import { type PeopleQuery, type Presence, routes } from '@maru/contract';
import { Controller, Query } from '@nestjs/common';
import { Serves } from '../http/route.decorator.js';
import { PresenceService } from './presence.service.js';

const { presence } = routes;

@Controller()
export class PresenceController {
  constructor(private readonly service: PresenceService) {}

  @Serves(presence)
  async read(@Query({ schema: presence.query }) { ids }: PeopleQuery): Promise<{ items: Presence[] }> {
    return { items: await this.service.read(ids) };
  }
}
