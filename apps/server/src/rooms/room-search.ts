import { getChoseong } from 'es-hangul';

const CONSONANTS = /^[ㄱ-ㅎ\s]+$/;
const plain = (text: string): string => text.normalize('NFC').toLowerCase().replaceAll(/\s/g, '');

/** Whether a name contains what was typed; Korean also by the initial consonants of its syllables: ㅁㄹ finds 마루. */
export function matches(name: string, typed: string): boolean {
  const wanted = plain(typed);
  if (plain(name).includes(wanted)) return true;
  return CONSONANTS.test(typed) && plain(getChoseong(name)).includes(wanted);
}
