import { describe, expect, it } from 'vitest';
import en from '../../messages/en.json' with { type: 'json' };
import ko from '../../messages/ko.json' with { type: 'json' };

type Texts = { [key: string]: string | Texts };

/** Keys with the placeholders of their texts. */
function keys(texts: Texts, path = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [
          `${path}${key} ${[...value.matchAll(/\{(\w+)/g)]
            .map(([, name]) => name)
            .toSorted()
            .join(',')}`,
        ]
      : keys(value, `${path}${key}.`),
  );
}

describe('texts', () => {
  it('[W3] exist in every language, with the same placeholders', () => expect(keys(ko)).toEqual(keys(en)));
});
