/** Bounds that are part of the wire: a client may rely on them. What an operator may tune is in libs/config. */
export const MESSAGE_MAX_CODE_POINTS = 4_000;
/** Largest frame or request body, bytes. A larger frame closes the connection with 1009, a larger body answers 413. */
export const FRAME_MAX_BYTES = 128 * 1024;
/** Entries of one history page or one resume. */
export const PAGE_MAX = 100;
export const PAGE_DEFAULT = 50;
/** A resume that is further behind than this many entries answers `truncated` with the newest page instead. */
export const RESUME_MAX = 2 * PAGE_MAX;
/** Rooms that one socket may have open at a time. */
export const OPEN_ROOMS_MAX = 50;
/** Rooms of one page of my rooms, and of one answer to rooms:watch. */
export const ROOM_LIST_DEFAULT = 50;
export const ROOM_LIST_MAX = 200;
/** Mentions of one room that are told one by one; beyond that there are "at least" so many. */
export const MENTIONED_MAX = 99;
/** Messages whose unread numbers are told at once. */
export const NUMBERS_MAX = 1_000;
/** People of one page of those who have read a message. */
export const READERS_PAGE = 100;
export const MEMBER_PAGE_MAX = 1_000;
export const PEOPLE_MAX = 100;
export const CAPACITY_MAX = 100_000;
/** People who can be taken into a room with its making. */
export const FIRST_MEMBERS_MAX = 50;
/** Different emojis under one message. */
export const REACTIONS_MAX = 20;
/** People who are mentioned in one message; names beyond that are only text. */
export const MENTIONS_MAX = 20;
export const PINS_MAX = 50;
/** Invitations of one room that are good at a time. */
export const INVITES_MAX = 50;
export const BANS_MAX = 1_000;
export const TOPIC_MAX = 250;
/** The longest that slow mode lets people wait between two messages, seconds. */
export const SLOW_MODE_MAX_S = 21_600;
/** Until somebody ends it: 9999-12-31T23:59:59.999Z. */
export const FOREVER = 253_402_300_799_999;
