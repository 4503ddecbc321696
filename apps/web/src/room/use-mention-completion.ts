import { nameKey, type Person, type RoomId } from '@maru/contract';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type RefObject, useState } from 'react';
import { client } from '../client.ts';

const SHOWN = 6;
/** The word with an @ that ends where the caret is. */
const AT_CARET = /(?:^|[^\p{L}\p{M}\p{N}_@./-])@([\p{L}\p{M}\p{N}._-]{0,32})$/u;

interface Completion {
  people: readonly Person[];
  chosen: number;
  pick: (person: Person) => void;
  /** True where the key was for the list and for nothing else. An empty list takes none. */
  onKey: (event: KeyboardEvent) => boolean;
  /** Call when the text or the caret has changed. */
  look: () => void;
  /** Call when what was typed was sent. */
  end: () => void;
}

/** Offers members while an @ is being typed. */
export function useMentionCompletion(
  roomId: RoomId,
  field: RefObject<HTMLTextAreaElement | null>,
  change: (text: string) => void,
): Completion {
  const [word, setWord] = useState<string | null>(null);
  const [chosen, setChosen] = useState(0);
  const members = useQuery({
    queryKey: ['members', roomId, 'mentions'],
    queryFn: () => client.call('members', { params: { roomId }, query: {} }),
    enabled: word !== null,
    staleTime: 30_000,
  });
  const people = word === null ? [] : matching(members.data?.items.map(({ person }) => person) ?? [], word);

  const look = (): void => {
    const { value = '', selectionStart = 0 } = field.current ?? {};
    const [, found] = AT_CARET.exec(value.slice(0, selectionStart)) ?? [];
    setWord(found ?? null);
    setChosen(0);
  };

  const pick = ({ name }: Person): void => {
    const { current } = field;
    if (current === null || word === null) return;
    const start = current.selectionStart - word.length;
    const before = `${current.value.slice(0, start)}${name} `;
    change(before + current.value.slice(current.selectionStart));
    setWord(null);
    // once the field shows it
    requestAnimationFrame(() => {
      current.focus();
      current.setSelectionRange(before.length, before.length);
    });
  };

  const onKey = (event: KeyboardEvent): boolean => {
    const person = people[chosen];
    if (person === undefined || event.nativeEvent.isComposing) return false;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined) setChosen((chosen + move + people.length) % people.length);
    else if (event.key === 'Enter' || event.key === 'Tab') pick(person);
    else if (event.key === 'Escape') setWord(null);
    else return false;
    event.preventDefault();
    return true;
  };
  return { people, chosen, pick, onKey, look, end: () => setWord(null) };
}

function matching(people: readonly Person[], word: string): Person[] {
  const key = nameKey(word);
  const rank = ({ name, displayName }: Person): number => {
    if (nameKey(name).startsWith(key) || nameKey(displayName).startsWith(key)) return 0;
    return nameKey(displayName).includes(key) ? 1 : 2;
  };
  return people
    .filter((person) => rank(person) < 2)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, SHOWN);
}
