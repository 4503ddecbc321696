import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { NodeState } from './node-state.js';

const STATUS = { starting: 503, ready: 200, draining: 404 } as const;

@Controller()
export class HealthController {
  constructor(private readonly state: NodeState) {}

  /** The event loop answers. */
  @Get('livez')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 503 while starting, 200 when ready, 404 while draining (a balancer then sends nobody new and cuts nobody). */
  @Get('readyz')
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: NodeState['current'] } {
    reply.status(STATUS[this.state.current]);
    return { status: this.state.current };
  }
}
