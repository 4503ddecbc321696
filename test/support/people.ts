import type { MaruClient, RoomView } from '@maru/client';
import type { ChatError, UserId } from '@maru/contract';
import { expect } from 'vitest';
import { newId, until } from './system.js';

export const idOf = (client: MaruClient): UserId => client.session.store.get().person?.id as UserId;

/** `ok`, or the code of the refusal. */
export const settled = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (error: ChatError) => error.code,
  );

/** The refusal; fails where there is none. */
export const refusalOf = (asked: Promise<unknown>): Promise<ChatError> =>
  asked.then(
    () => expect.fail('was not refused'),
    (error: ChatError) => error,
  );

/** The room as this person views it, once it is open. */
export async function opened(client: MaruClient, roomId: string): Promise<RoomView> {
  const view = client.room(roomId);
  view.open();
  await until(() => expect(view.store.get().status).toBe('open'));
  return view;
}

/** Says something and waits until it is stored; returns its seq. */
export async function said(client: MaruClient, roomId: string, text: string, replyTo?: number): Promise<number> {
  const { seq } = await client.call('sendMessage', {
    params: { roomId },
    body: { id: newId(), text, ...(replyTo ? { replyTo } : {}) },
  });
  return seq;
}

/** Reads a room up to its end without looking at it. */
export const readAll = (client: MaruClient, roomId: string): Promise<unknown> =>
  client.do('room:read', { roomId, seq: 1_000_000_000 });
