import { describe, expect, it } from 'vitest';
import { Emoji } from './entries.js';
import { mentionCandidates, mentionParts } from './mentions.js';

describe('mentions', () => {
  it.each([
    ['@ann', [['ann']]],
    ['hello @ann, @bob.', [['ann'], ['bob.', 'bob']]],
    ['(@ann)', [['ann']]],
    ['mail@ann.example, a/@ann, @@ann', []],
    ['@a.b-c_d', [['a.b-c_d']]],
    ['@민수야 안녕', [['민수야', '민수', '민']]],
    ['@ann님', [['ann님', 'ann']]],
    ['@', []],
  ])('[M16] of %s are %j', (text, names) => expect(mentionCandidates(text)).toEqual(names));

  it('[M16] are shown for members, the longest name that fits, whatever its case', () => {
    const names = new Set(['Ann', '민수']);
    expect(mentionParts('@ann and @민수야, not @anna', names)).toEqual([
      { text: '@ann', name: 'ann' },
      { text: ' and ' },
      { text: '@민수', name: '민수' },
      { text: '야, not @anna' },
    ]);
  });
});

describe('an emoji', () => {
  it.each(['👍', '❤️', '👨‍👩‍👧‍👦', '🇰🇷', '1️⃣', '👋🏽'])('[M13] is %s', (emoji) =>
    expect(Emoji.safeParse(emoji).success).toBe(true),
  );
  it.each(['', 'a', '1', '👍👍', ' 👍', '<b>', '\u200d', '👍a'])('[M13] is not %j', (text) =>
    expect(Emoji.safeParse(text).success).toBe(false),
  );
});
