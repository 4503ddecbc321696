import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newId, outcome, person, rawSocket, roomOf, send, startSystem, until } from '../support/system.js';

/** A small disk of its own for the database. Mounting needs root. */
const disk = mkdtempSync(join(tmpdir(), 'maru-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=420m', 'tmpfs', disk]).status === 0;

describe.runIf(mounted)('with the database’s disk full', () => {
  it('[O7] refuses definitely or as unknown, loses nothing, and goes on without a restart when there is room', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maru-test-'));
    mkdirSync(join(disk, 'mariadb'));
    symlinkSync(join(disk, 'mariadb'), join(folder, 'mariadb'));
    const { url, nodes, stop } = await startSystem({ folder });
    onTestFinished(async () => {
      await stop();
      spawnSync('umount', [disk]);
      rmSync(disk, { recursive: true });
    });
    const pid = nodes[0]?.pid;
    const ann = await person(url);
    const room = await roomOf(ann);
    const socket = await rawSocket(url, await ann.session.accessToken());
    const acked = new Map<string, number>();
    const say = async (): Promise<string> => {
      const id = newId();
      const answer = await send(socket, room.id, 'x'.repeat(4_000), id);
      if (answer.ok) acked.set(id, answer.data.seq);
      return outcome(answer);
    };

    expect(await say()).toBe('ok');
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize - 5_000_000));
    const outcomes = new Set<string>();
    await until(async () => {
      for (const result of await Promise.all(Array.from({ length: 40 }, say))) outcomes.add(result);
      expect(outcomes.has('overloaded') || outcomes.has('unknown')).toBe(true);
    });
    expect([...outcomes].filter((result) => !['ok', 'overloaded', 'unknown'].includes(result))).toEqual([]);

    rmSync(join(disk, 'filler'));
    await until(async () => expect(await say()).toBe('ok'));
    expect(nodes[0]?.pid).toBe(pid);
    const stored = new Map<string, number>();
    for (let after = 0, more = true; more;) {
      const { entries, to, head } = await ann.call('history', {
        params: { roomId: room.id },
        query: { after: `${after}` },
      });
      for (const entry of entries) if (entry.kind === 'message') stored.set(entry.id, entry.seq);
      after = to;
      more = to < head;
    }
    for (const [id, seq] of acked) expect(stored.get(id)).toBe(seq);
  });
});
