export type { CommandName } from '@maru/contract';
export type { RouteName } from '@maru/client';
