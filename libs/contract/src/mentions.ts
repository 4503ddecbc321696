/** An @ that begins a word, and what may be a name after it. */
const MENTION = /(?<![\p{L}\p{M}\p{N}_@./-])@([\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63})/gu;
const NAME_MAX = 32;
const BEFORE_PARTICLE = /^\p{Script=Hangul}/u;

/**
 * Names that may be meant by the @words of a text, longest first for each word. Korean puts particles straight after a
 * name (`@민수야`), so that where Hangul follows, what stands before it may be the name.
 */
export function mentionCandidates(text: string): string[][] {
  return [...text.matchAll(MENTION)].map(([, word = '']) => {
    const letters = Array.from(word).slice(0, NAME_MAX + 1);
    const candidates: string[] = [];
    for (let length = Math.min(letters.length, NAME_MAX); length > 0; length--) {
      const rest = letters.slice(length).join('');
      const atEnd = length === letters.length || /^[._-]+$/.test(rest);
      if (atEnd || BEFORE_PARTICLE.test(rest)) candidates.push(letters.slice(0, length).join(''));
    }
    return candidates;
  });
}

export interface TextPart {
  text: string;
  /** Of a mention. */
  name?: string;
}

/** A text cut at the mentions of these names, for those who show it. Compares names as accounts do. */
export function mentionParts(text: string, names: ReadonlySet<string>): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  const wanted = new Set([...names].map(nameKey));
  const matches = [...text.matchAll(MENTION)];
  const candidates = mentionCandidates(text);
  matches.forEach((match, i) => {
    const name = candidates[i]?.find((candidate) => wanted.has(nameKey(candidate)));
    if (name === undefined) return;
    const end = match.index + 1 + name.length;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: text.slice(match.index, end), name });
    from = end;
  });
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** What makes two account names the same: neither case nor the form of a letter. */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase();
