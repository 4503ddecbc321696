import { type CompositionEvent, type KeyboardEvent, useRef } from 'react';
import { type Decision, EnterKey } from './enter-key.ts';

interface Handlers {
  onKeyDown: (event: KeyboardEvent) => void;
  onCompositionStart: () => void;
  onCompositionUpdate: (event: CompositionEvent) => void;
  onCompositionEnd: (event: CompositionEvent) => void;
}

/** Makes Enter send in a text field, with every input method. */
export function useEnterKey(send: () => void): Handlers {
  const enterKey = useRef<EnterKey>(null);
  const key = (): EnterKey => (enterKey.current ??= new EnterKey());
  const decide = (event: KeyboardEvent | CompositionEvent, decision: Decision): void => {
    if (decision === 'send' || decision === 'swallow') event.preventDefault();
    if (decision === 'send') send();
    if (decision === 'send-next') setTimeout(send, 0);
  };
  return {
    onKeyDown: (event) => {
      const { key: name, shiftKey: shift, keyCode } = event;
      const composing = event.nativeEvent.isComposing;
      decide(event, key().on({ type: 'keydown', key: name, shift, composing, keyCode }));
    },
    onCompositionStart: () => void key().on({ type: 'compositionstart' }),
    onCompositionUpdate: ({ data }) => void key().on({ type: 'compositionupdate', data }),
    onCompositionEnd: (event) => decide(event, key().on({ type: 'compositionend', data: event.data })),
  };
}
