import { Controller, Get, Res, ServiceUnavailableException } from '@nestjs/common';
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

  /** What this node needs and how it is; for people and alarms, never for a balancer. 503 until the chat has started. */
  @Get('dependencies')
  async dependencies(): Promise<Record<string, 'up' | 'down'>> {
    const answers = await Promise.all(
      Object.entries(this.dependable()).map(async ([name, ask]) => [name, (await ask()) ? 'up' : 'down'] as const),
    );
    return Object.fromEntries(answers);
  }

  /** Sockets of every node that answers over Redis, this one first. */
  @Get('cluster')
  async cluster(): Promise<{ node: string; sockets: number[] }> {
    this.dependable();
    return { node: this.state.name, sockets: await this.state.sockets() };
  }

  private dependable(): NodeState['dependencies'] {
    if (Object.keys(this.state.dependencies).length === 0) throw new ServiceUnavailableException('starting');
    return this.state.dependencies;
  }
}
