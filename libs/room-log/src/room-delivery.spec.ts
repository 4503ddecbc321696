import type { Entry, FactPayload, MessageId, RoomId, SystemEvent, UserId } from '@maru/contract';
import type { BroadcastFrame, Viewer } from '@maru/realtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatherWindow } from './gather-window.js';
import { release, RoomDelivery, type RoomListener, Seat } from './room-delivery.js';

const roomId = '019a2b3c-4d5e-7f00-8a00-0123456789ab' as RoomId;
const ann = 'ann' as UserId;
const bob = 'bob' as UserId;

const said = (seq: number): Entry => ({
  kind: 'message',
  roomId,
  seq,
  ordinal: seq,
  createdAt: 0,
  id: `${seq}` as MessageId,
  senderId: ann,
  text: `${seq}`,
});
const happened = (seq: number, event: SystemEvent, userId: UserId): Entry => ({
  kind: 'system',
  roomId,
  seq,
  ordinal: 0,
  createdAt: 0,
  event,
  userId,
  name: userId,
});

function viewer(userId: UserId) {
  const seqs: number[] = [];
  const evictions: number[] = [];
  const send = (frame: BroadcastFrame): void => {
    if (frame.event === 'room:entries') {
      seqs.push(...(frame.payload as FactPayload<'room:entries'>).entries.map((entry) => entry.seq));
    } else if (frame.event === 'room:evicted') evictions.push((frame.payload as FactPayload<'room:evicted'>).seq);
  };
  return { seqs, evictions, viewer: { identity: { userId }, send } as unknown as Viewer };
}

function setup(first: UserId | GatherWindow, ...others: UserId[]) {
  const [window, users] =
    first instanceof GatherWindow ? [first, others] : [new GatherWindow(() => 0), [first, ...others]];
  const listener: RoomListener = {
    unseat: (seat) => void room.seats.delete(seat),
    left: () => {},
    mentioned: () => {},
    taken: () => {},
    due: (gathered) => gathered.flush(),
  };
  const room = new RoomDelivery(roomId, listener, window);
  const people = users.map((userId) => {
    const person = viewer(userId);
    const seat = new Seat(person.viewer, roomId);
    room.seats.add(seat);
    return { ...person, seat };
  });
  return { room, people };
}

function goLive(room: RoomDelivery, seat: Seat, head: number): void {
  room.start(head, 1, false);
  seat.after = head;
  seat.joinedSeq = 1;
  release(seat, seat.held, false);
  seat.held = [];
  seat.live = true;
}

describe('delivery of one room', () => {
  it('[D1] is in order and once, whatever order entries arrive in', () => {
    const arrivals = fc.integer({ min: 1, max: 30 }).chain((n) =>
      fc.tuple(
        fc.constant(n),
        fc.shuffledSubarray(
          Array.from({ length: n * 2 }, (_, i) => (i % n) + 1),
          { minLength: n * 2 },
        ),
      ),
    );
    fc.assert(
      fc.property(arrivals, fc.nat(20), ([n, order], head) => {
        const { room, people } = setup(ann);
        const [person] = people;
        if (person === undefined) return;
        goLive(room, person.seat, Math.min(head, n));
        for (const seq of order) room.accept([said(seq)]);
        expect(person.seqs).toEqual(Array.from({ length: n - Math.min(head, n) }, (_, i) => Math.min(head, n) + 1 + i));
      }),
    );
  });

  it('[D10] gives a sender what it said before the others, in its turn and once', () => {
    const { room, people } = setup(ann, bob);
    const [sender, other] = people;
    for (const { seat } of people) goLive(room, seat, 0);
    room.expect([said(1), said(2)]);
    if (sender === undefined || other === undefined) throw new Error('two people were set up');
    room.deliverAhead(sender.seat, 2);
    expect(sender.seqs).toEqual([]);
    room.deliverAhead(sender.seat, 1);
    room.deliverAhead(sender.seat, 1);
    expect([sender.seqs, other.seqs]).toEqual([[1], []]);
    room.accept([said(1), said(2)]);
    expect([sender.seqs, other.seqs]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    room.deliverAhead(sender.seat, 1);
    room.expect([said(4)]);
    room.deliverAhead(sender.seat, 4);
    room.accept([said(4)]);
    expect(sender.seqs).toEqual([1, 2]);
    room.accept([said(3)]);
    expect(sender.seqs).toEqual([1, 2, 3, 4]);
  });

  it('[D10] gives nobody anything before what waits for others', () => {
    const { room, people } = setup(new GatherWindow(() => 1), ann);
    const [sender] = people;
    if (sender === undefined) throw new Error('a person was set up');
    goLive(room, sender.seat, 0);
    room.accept([said(1)]);
    expect(room.gathering).toBe(true);
    room.expect([said(2)]);
    room.deliverAhead(sender.seat, 2);
    expect(sender.seqs).toEqual([]);
    room.close();
  });

  it('[D3] holds entries of a socket that is opening, and releases only what its answer did not carry', () => {
    const { room, people } = setup(ann);
    const [person] = people;
    if (person === undefined) throw new Error('no one is here');
    room.accept([said(3)]);
    room.start(2, 1, false);
    room.accept([said(4), said(5)]);
    expect(person.seqs).toEqual([]);
    goLive(room, person.seat, 4);
    room.accept([said(6)]);
    expect(person.seqs).toEqual([5, 6]);
  });

  it('[R3] evicts in seq order: the entry that ended the membership is the last one', () => {
    const { room, people } = setup(ann, bob);
    for (const { seat } of people) goLive(room, seat, 1);
    room.accept([said(4)]);
    room.accept([said(2), happened(3, 'left', bob)]);
    const [first, second] = people;
    expect(first?.seqs).toEqual([2, 3, 4]);
    expect(second).toMatchObject({ seqs: [2, 3], evictions: [3] });
  });

  it('[R3] evicts a socket that is still opening, unless its membership is a newer one', () => {
    const { room, people } = setup(bob);
    const [person] = people;
    room.start(1, 1, false);
    room.accept([happened(2, 'left', bob), happened(3, 'joined', bob)]);
    expect(person?.seat.evictedAt).toBe(2);
    expect(person?.seat.held.map((entry) => entry.seq)).toEqual([3]);
  });
});
