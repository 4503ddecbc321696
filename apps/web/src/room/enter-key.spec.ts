import { describe, expect, it } from 'vitest';
import { type Decision, EnterKey, type FieldEvent } from './enter-key.ts';

const start: FieldEvent = { type: 'compositionstart' };
const update = (data: string): FieldEvent => ({ type: 'compositionupdate', data });
const end = (data: string): FieldEvent => ({ type: 'compositionend', data });
const enter = (composing: boolean, keyCode = composing ? 229 : 13, shift = false): FieldEvent => ({
  type: 'keydown',
  key: 'Enter',
  shift,
  composing,
  keyCode,
});

/** Event sequences as the systems deliver them, and how many messages they send. */
const RECORDED: [name: string, events: FieldEvent[], sends: number][] = [
  ['Latin: plain Enter', [enter(false)], 1],
  ['Latin: Shift+Enter', [enter(false, 13, true)], 0],
  ['Korean, Windows Chrome: Enter while composing, then the end', [start, update('한'), enter(true), end('한')], 1],
  [
    'Korean, macOS Chrome: the end, then Enter once more',
    [start, update('글'), enter(true), end('글'), enter(false)],
    1,
  ],
  ['Korean, Safari: the end, then the key that ended it', [start, update('글'), end('글'), enter(false, 229)], 1],
  ['Korean: a committed syllable, then Enter', [start, update('가'), end('가'), enter(false)], 1],
  ['Japanese, Chrome: Enter confirms a candidate', [start, update('日本'), enter(true), end('日本')], 0],
  ['Japanese, Safari: Enter confirms a candidate', [start, update('日本'), end('日本'), enter(false, 229)], 0],
  ['Chinese: Enter confirms the letters', [start, update('nihao'), enter(true), end('nihao')], 0],
];

describe('Enter', () => {
  it.each(RECORDED)('[W1] %s', (_name, events, sends) => {
    const key = new EnterKey(() => 1_000);
    const decisions: Decision[] = events.map((event) => key.on(event));
    expect(decisions.filter((decision) => decision.startsWith('send'))).toHaveLength(sends);
  });

  it('[W1] sends again when pressed again after the echo is over', () => {
    let now = 0;
    const key = new EnterKey(() => now);
    for (const event of [start, update('한'), enter(true), end('한')]) key.on(event);
    expect(key.on(enter(false))).toBe('swallow');
    now = 60;
    expect(key.on(enter(false))).toBe('send');
  });

  it('[W1] a confirmed Japanese candidate is sent by the next Enter', () => {
    const key = new EnterKey(() => 0);
    for (const event of [start, update('日本'), enter(true), end('日本')]) key.on(event);
    expect(key.on(enter(false))).toBe('send');
  });
});
