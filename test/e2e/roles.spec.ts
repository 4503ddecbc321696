import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { expect, it, onTestFinished } from 'vitest';
import { newId, person, roomOf, startSystem, until } from '../support/system.js';

it('[E1] a process that only consumes keeps the room list for nodes that only serve', async () => {
  const serving = await startSystem({ env: { ROLE: 'serve' } });
  const { url, databaseUrl, redisUrl } = serving;
  const ann = await person(url);
  const room = await roomOf(ann);
  const database = await createConnection(databaseUrl);
  onTestFinished(() => database.end());
  const listed = async (): Promise<unknown> => {
    const [rows] = await database.query<RowDataPacket[]>('SELECT last_seq FROM room_activity WHERE room_id = ?', [
      Buffer.from(room.id.replaceAll('-', ''), 'hex'),
    ]);
    return rows[0]?.['last_seq'];
  };
  await ann.call('sendMessage', { params: { roomId: room.id }, body: { id: newId(), text: 'hello' } });
  expect(await listed()).toBeUndefined();

  const consuming = await startSystem({ env: { ROLE: 'consume', DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } });
  await until(async () => expect(await listed()).toBe(3));
  const { seq } = await ann.call('sendMessage', { params: { roomId: room.id }, body: { id: newId(), text: 'again' } });
  await until(async () => expect(await listed()).toBe(seq));
  await expect(fetch(consuming.url)).rejects.toThrow();
  await consuming.nodes[0]?.stop();
});
