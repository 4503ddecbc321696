import { type DynamicModule, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { HealthController } from './health.controller.js';
import { NodeState } from './node-state.js';

/** An application of its own on INTERNAL_PORT: /livez, /readyz, /metrics. It answers before the chat has started. */
@Module({})
export class InternalModule {
  static with(state: NodeState): DynamicModule {
    return {
      module: InternalModule,
      imports: [PrometheusModule.register({ path: '/metrics', defaultMetrics: { enabled: true } })],
      controllers: [HealthController],
      providers: [{ provide: NodeState, useValue: state }],
    };
  }
}
