/** What a text field tells of keys and of an input method, in the order it happens. */
export type FieldEvent =
  | { type: 'keydown'; key: string; shift: boolean; composing: boolean; keyCode: number }
  | { type: 'compositionstart' }
  | { type: 'compositionupdate'; data: string }
  | { type: 'compositionend'; data: string };

/** `send-next`: in the next macrotask, when the field holds the committed text. */
export type Decision = 'send' | 'send-next' | 'swallow' | 'leave';

/** After Hangul was committed and sent, the Enter that some systems deliver once more is swallowed this long, ms. */
const ECHO_MS = 50;
const HANGUL_AT_END = /[\u1100-\u11FF\u3130-\u318F\uA960-\uA97F\uAC00-\uD7FF]$/;

/**
 * Decides what Enter means while an input method may be composing. Japanese and Chinese: Enter confirms a candidate and
 * must not send. Korean has no candidates: one Enter commits the last syllable and sends, once. Systems differ in
 * whether the composition ends before or after the key arrives.
 */
export class EnterKey {
  private composing = '';
  private sendAtEnd = false;
  private ended = { hangul: false, at: Number.NEGATIVE_INFINITY };
  private sentAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number = () => performance.now()) {}

  on(event: FieldEvent): Decision {
    switch (event.type) {
      case 'compositionstart':
        this.composing = '';
        return 'leave';
      case 'compositionupdate':
        this.composing = event.data;
        return 'leave';
      case 'compositionend':
        return this.end(event.data);
      case 'keydown':
        return event.key === 'Enter' && !event.shift ? this.enter(event) : 'leave';
    }
  }

  private enter({ composing, keyCode }: FieldEvent & { type: 'keydown' }): Decision {
    if (composing) {
      this.sendAtEnd = HANGUL_AT_END.test(this.composing);
      return 'leave';
    }
    if (this.now() - this.sentAt < ECHO_MS) return 'swallow';
    // Safari ends the composition first, then delivers the key that ended it, marked 229
    if (keyCode === 229) {
      const justEnded = this.now() - this.ended.at < ECHO_MS;
      return justEnded && this.ended.hangul ? this.send('send') : 'swallow';
    }
    return this.send('send');
  }

  private end(data: string): Decision {
    this.ended = { hangul: HANGUL_AT_END.test(data), at: this.now() };
    this.composing = '';
    if (!this.sendAtEnd) return 'leave';
    this.sendAtEnd = false;
    return this.send('send-next');
  }

  private send(how: 'send' | 'send-next'): Decision {
    if (how === 'send-next') this.sentAt = this.now();
    return how;
  }
}
