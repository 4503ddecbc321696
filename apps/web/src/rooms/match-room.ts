import { disassemble, getChoseong } from 'es-hangul';

const CONSONANTS = /^[ㄱ-ㅎ]+$/;
const plain = (text: string): string => disassemble(text.toLowerCase()).replaceAll(' ', '');

/**
 * How well a name matches what is typed, 0 for not at all: every word must be there, what begins with the first comes
 * first. Korean also by initial consonants, and while its last syllable is still being typed.
 */
export function matchRoom(name: string, search: string): number {
  const words = search.toLowerCase().trim().split(/\s+/);
  const [letters, initials] = [plain(name), getChoseong(name).replaceAll(' ', '')];
  const placeOf = (word: string): number =>
    CONSONANTS.test(word) ? initials.indexOf(word) : letters.indexOf(plain(word));
  if (!words.every((word) => placeOf(word) >= 0)) return 0;
  return placeOf(words[0] ?? '') === 0 ? 1 : 0.5;
}
