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
export const ROOM_LIST_MAX = 200;
export const MEMBER_PAGE_MAX = 1_000;
export const PEOPLE_MAX = 100;
