import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE room_heads
    ADD COLUMN members_seq BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'newest entry that changed who is a member'`,
  `CREATE TABLE read_cursors (
    room_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    ordinal BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (room_id, user_id)
  ) ENGINE=InnoDB COMMENT='apart from room_members: a late flush brings nobody back into a room'`,
  // nobody begins with all of history unread
  `INSERT INTO read_cursors (room_id, user_id, seq, ordinal)
    SELECT m.room_id, m.user_id, h.last_seq, h.last_ordinal FROM room_members m JOIN room_heads h ON h.room_id = m.room_id`,
  `CREATE TABLE room_preferences (
    user_id BINARY(16) NOT NULL,
    room_id BINARY(16) NOT NULL,
    notify VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    pinned TINYINT UNSIGNED NOT NULL,
    unread_mark BIGINT UNSIGNED NULL COMMENT 'holds while the cursor is not above it',
    PRIMARY KEY (user_id, room_id),
    KEY room_preferences_room (room_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE room_activity (
    room_id BINARY(16) NOT NULL,
    head_seq BIGINT UNSIGNED NOT NULL COMMENT 'of the room when this was written: below its head, it is behind',
    last_seq BIGINT UNSIGNED NOT NULL COMMENT 'newest message or system entry',
    last_at DATETIME(3) NOT NULL,
    PRIMARY KEY (room_id)
  ) ENGINE=InnoDB COMMENT='one row for each room, for whatever number of members'`,
  `INSERT INTO room_activity (room_id, head_seq, last_seq, last_at)
    SELECT h.room_id, h.last_seq, m.seq, m.created_at FROM room_heads h
    JOIN (SELECT room_id, MAX(seq) AS seq FROM messages GROUP BY room_id) newest ON newest.room_id = h.room_id
    JOIN messages m ON m.room_id = newest.room_id AND m.seq = newest.seq`,
];

/** Read cursors, what each member prefers, and the newest activity of each room. */
export class Reading1764115200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
