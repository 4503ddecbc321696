import type { Message, RoomId } from '@maru/contract';
import { describe, expect, it } from 'vitest';
import { Announcer } from './announcer.js';

const entry = (roomId: string, seq: number): Message => ({ roomId, seq }) as Message;

describe('the announcer', () => {
  it('[M5] is full while as much waits as may, and hands it on in order', async () => {
    const told: string[] = [];
    const announcer = new Announcer(
      {
        publish: () => {},
        accept: (roomId: RoomId, entries) => void told.push(...entries.map(({ seq }) => `${roomId} ${seq}`)),
      },
      3,
    );
    announcer.announce([entry('a', 1), entry('b', 1), entry('a', 2)]);
    expect([announcer.waiting, announcer.full(), told]).toEqual([2, false, []]);
    announcer.announce([entry('a', 3)]);
    expect(announcer.full()).toBe(true);
    await announcer.idle();
    expect(announcer.full()).toBe(false);
    expect(told).toEqual(['a 1', 'a 2', 'b 1', 'a 3']);
  });
});
