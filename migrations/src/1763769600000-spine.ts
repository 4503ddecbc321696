import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Ids are UUIDv7 as 16 bytes; times are UTC with milliseconds. Runs on MySQL 8.0+ and MariaDB 10.6+ alike. */
const TABLES = [
  `CREATE TABLE users (
    id BINARY(16) NOT NULL,
    name VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    name_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    display_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL,
    password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY users_name (name_key)
  ) ENGINE=InnoDB`,
  `CREATE TABLE sessions (
    id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    token_hash BINARY(32) NOT NULL,
    previous_hash BINARY(32) NULL,
    rotated_at DATETIME(3) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    revoked_at DATETIME(3) NULL,
    device VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL,
    PRIMARY KEY (id),
    KEY sessions_user (user_id),
    KEY sessions_expiry (expires_at)
  ) ENGINE=InnoDB`,
  `CREATE TABLE attempts (
    bucket BINARY(32) NOT NULL,
    window_start BIGINT UNSIGNED NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    attempts INT UNSIGNED NOT NULL,
    PRIMARY KEY (bucket),
    KEY attempts_expiry (expires_at)
  ) ENGINE=InnoDB`,
  `CREATE TABLE rooms (
    id BINARY(16) NOT NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL,
    member_count INT UNSIGNED NOT NULL,
    version INT UNSIGNED NOT NULL,
    created_by BINARY(16) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY rooms_directory (kind, id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE room_members (
    room_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    joined_seq BIGINT UNSIGNED NOT NULL,
    joined_at DATETIME(3) NOT NULL,
    PRIMARY KEY (room_id, user_id),
    KEY room_members_user (user_id, room_id),
    KEY room_members_order (room_id, joined_seq)
  ) ENGINE=InnoDB`,
  `CREATE TABLE room_heads (
    room_id BINARY(16) NOT NULL,
    last_seq BIGINT UNSIGNED NOT NULL,
    last_ordinal BIGINT UNSIGNED NOT NULL,
    rights_epoch BIGINT UNSIGNED NOT NULL,
    history_epoch INT UNSIGNED NOT NULL,
    PRIMARY KEY (room_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE messages (
    room_id BINARY(16) NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    ordinal BIGINT UNSIGNED NOT NULL,
    kind TINYINT UNSIGNED NOT NULL COMMENT '0 message, 1 system entry (body is JSON)',
    sender_id BINARY(16) NOT NULL,
    id BINARY(16) NOT NULL,
    body TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'NULL once deleted',
    body_hash BINARY(16) NOT NULL COMMENT 'of the body as sent, never changed',
    changed_seq BIGINT UNSIGNED NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (room_id, seq),
    UNIQUE KEY messages_sent_once (room_id, sender_id, id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE room_changes (
    room_id BINARY(16) NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    ordinal BIGINT UNSIGNED NOT NULL,
    target_seq BIGINT UNSIGNED NOT NULL,
    body TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'of the message after the change',
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (room_id, seq)
  ) ENGINE=InnoDB`,
];

export class Spine1763769600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(table);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
