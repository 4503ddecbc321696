import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE rooms
    ADD COLUMN topic VARCHAR(250) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '',
    ADD COLUMN capacity INT UNSIGNED NULL,
    ADD COLUMN password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN history VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'all',
    ADD COLUMN slow_mode_s INT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN archived_at DATETIME(3) NULL,
    ADD COLUMN deleted_at DATETIME(3) NULL,
    ADD COLUMN direct_key BINARY(32) NULL COMMENT 'both ids of a direct room, the lower first',
    ADD UNIQUE KEY rooms_direct (direct_key),
    ADD KEY rooms_deleted (deleted_at)`,
  `CREATE INDEX users_display_name ON users (display_name)`,
  `CREATE TABLE room_mutes (
    room_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    until DATETIME(3) NOT NULL,
    PRIMARY KEY (room_id, user_id)
  ) ENGINE=InnoDB COMMENT='apart from room_members: leaving and coming back ends no mute'`,
  `CREATE TABLE room_bans (
    room_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    until DATETIME(3) NULL,
    reason VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL,
    banned_by BINARY(16) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (room_id, user_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE room_invites (
    code CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    room_id BINARY(16) NOT NULL,
    created_by BINARY(16) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NULL,
    max_uses INT UNSIGNED NULL,
    uses INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (code),
    KEY room_invites_room (room_id)
  ) ENGINE=InnoDB`,
  `ALTER TABLE messages
    ADD COLUMN reply_to BIGINT UNSIGNED NULL,
    ADD COLUMN mentions VARBINARY(320) NULL COMMENT 'user ids, 16 bytes each',
    ADD COLUMN edited_at DATETIME(3) NULL,
    ADD COLUMN reactions VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'JSON: [[emoji, count], ...]',
    ADD COLUMN pinned TINYINT UNSIGNED NOT NULL DEFAULT 0`,
  `ALTER TABLE room_changes
    MODIFY COLUMN body TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'JSON: what became of the message; NULL: it is deleted',
    ADD COLUMN actor_id BINARY(16) NOT NULL,
    ADD KEY room_changes_target (room_id, target_seq)`,
  `CREATE TABLE message_editions (
    room_id BINARY(16) NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    changed_seq BIGINT UNSIGNED NOT NULL COMMENT 'of the change that replaced this text',
    body TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    until DATETIME(3) NOT NULL,
    PRIMARY KEY (room_id, seq, changed_seq)
  ) ENGINE=InnoDB`,
  `CREATE TABLE message_reactions (
    room_id BINARY(16) NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    emoji VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id BINARY(16) NOT NULL,
    changed_seq BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (room_id, seq, emoji, user_id),
    KEY message_reactions_user (room_id, user_id, seq)
  ) ENGINE=InnoDB`,
  `CREATE TABLE message_mentions (
    room_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (room_id, user_id, seq),
    KEY message_mentions_message (room_id, seq)
  ) ENGINE=InnoDB`,
  `CREATE TABLE room_pins (
    room_id BINARY(16) NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    changed_seq BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (room_id, seq)
  ) ENGINE=InnoDB`,
];

/** Kinds and settings of rooms, bans, invitations; replies, mentions and everything that changes a message. */
export class RoomsInFull1764028800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
