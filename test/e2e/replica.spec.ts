import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { newId, person, roomOf, startSystem, until } from '../support/system.js';

const { url, replicaUrl = '' } = await startSystem({ replica: { delayS: 2 } });

describe('with a replica that lags', () => {
  it('[M11] one’s own message is in the history that is read next, every time', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const replica = await createConnection(replicaUrl);
    await until(() => replica.query('SELECT 1 FROM messages LIMIT 1'));
    let behind = 0;
    for (let i = 0; i < 30; i++) {
      const id = newId();
      const { seq } = await ann.call('sendMessage', { params: { roomId: room.id }, body: { id, text: `${i}` } });
      const [rows] = await replica.query(
        'SELECT 1 FROM messages WHERE room_id = UNHEX(REPLACE(?, "-", "")) AND seq = ?',
        [room.id, seq],
      );
      if ((rows as unknown[]).length === 0) behind++;
      const { entries, head } = await ann.call('history', { params: { roomId: room.id }, query: { limit: '5' } });
      expect(head).toBeGreaterThanOrEqual(seq);
      expect(entries.at(-1)).toMatchObject({ seq, id });
      const { entries: before } = await ann.call('history', {
        params: { roomId: room.id },
        query: { before: `${seq + 1}` },
      });
      expect(before.at(-1)).toMatchObject({ seq, id });
    }
    await replica.end();
    expect(behind).toBeGreaterThan(0);
  });
});
