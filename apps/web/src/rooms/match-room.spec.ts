import { describe, expect, it } from 'vitest';
import { matchRoom } from './match-room.ts';

describe('a room is found', () => {
  it.each([
    ['마루 이야기', 'ㅁㄹ', 1],
    ['마루 이야기', 'ㅇㅇㄱ', 0.5],
    ['마루 이야기', '말', 1],
    ['마루 이야기', '이야기 마루', 0.5],
    ['마루 이야기', 'ㅂ', 0],
    ['Kitchen 부엌', 'kit', 1],
    ['Kitchen 부엌', 'ㅂㅇ', 1],
    ['Kitchen 부엌', 'chen kit', 0.5],
    ['Kitchen', 'ㅋ', 0],
    ['Kitchen', '', 1],
  ])('[W14] %s by %s', (name, search, score) => expect(matchRoom(name, search)).toBe(score));
});
