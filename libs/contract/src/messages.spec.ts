import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageText } from './entries.js';
import { MESSAGE_MAX_CODE_POINTS } from './limits.js';
import { MessageSend } from './messages.js';

const frame = {
  roomId: '019a2b3c-4d5e-7f00-8a00-0123456789ab',
  id: '019a2b3c-4d5e-7f00-8a00-0123456789ac',
  text: 'hello',
};

describe('a message', () => {
  it.each([
    'hello',
    ' spaced ',
    'line\nbreak',
    'tab\there',
    '안녕하세요',
    '👩‍👩‍👧‍👦',
    '<script>',
    'a'.repeat(MESSAGE_MAX_CODE_POINTS),
  ])('[M7] may say %j', (text) => expect(MessageText.parse(text)).toBe(text));

  it('[M7] counts people’s characters, not UTF-16 units', () => {
    expect(MessageText.safeParse('😀'.repeat(MESSAGE_MAX_CODE_POINTS)).success).toBe(true);
    expect(MessageText.safeParse('😀'.repeat(MESSAGE_MAX_CODE_POINTS + 1)).success).toBe(false);
  });

  it.each(['', '   ', '\n', 'nul\u0000', 'escape\u001B[31m', '\uD800', 'half \uDC00 pair'])(
    '[M7] may not say %j',
    (text) => expect(MessageText.safeParse(text).success).toBe(false),
  );

  it.each([
    { ...frame, roomId: { id: 1 } },
    { ...frame, roomId: [frame.roomId] },
    { ...frame, id: 'A19A2B3C-4D5E-7F00-8A00-0123456789AC' },
    { ...frame, id: '019a2b3c-4d5e-4f00-8a00-0123456789ac' },
    { ...frame, text: 5 },
    { ...frame, extra: true },
    { text: 'hello' },
    [],
    null,
    'hello',
    JSON.parse('{"__proto__": {"roomId": 1}}'),
  ])('[C2] is refused as %j', (payload) => expect(MessageSend.safeParse(payload).success).toBe(false));

  it('[C2] parsing never throws, whatever comes', () => {
    fc.assert(fc.property(fc.anything(), (payload) => void MessageSend.safeParse(payload)));
  });
});
