import type { Person, UserId } from '@maru/contract';
import { useQuery } from '@tanstack/react-query';
import { Check, Search } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { StateNote } from '../ui/state-note.tsx';

const NOBODY: readonly UserId[] = [];

/** Finds people by name; a click chooses one, another lets him go. */
export function PeopleSearch({
  chosen,
  without = NOBODY,
  onToggle,
}: {
  chosen: readonly Person[];
  without?: readonly UserId[];
  onToggle: (person: Person) => void;
}) {
  const t = useTranslations('people');
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed.trim());
  return (
    <>
      <label className="flex h-11 items-center gap-2 rounded-lg border border-line px-3 focus-within:border-wood">
        <Search size={16} className="text-quiet" aria-hidden />
        <input
          value={typed}
          autoFocus
          onChange={(event) => setTyped(event.target.value)}
          placeholder={t('search')}
          aria-label={t('search')}
          className="w-full outline-none"
        />
      </label>
      {chosen.length > 0 && (
        <ul aria-label={t('chosen')} className="flex flex-wrap gap-1.5">
          {chosen.map((person) => (
            <li key={person.id}>
              <Button className="!h-8 !rounded-full !px-3" onClick={() => onToggle(person)} title={t('remove')}>
                {person.displayName} ✕
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div className="-mx-2 h-60 overflow-y-auto">
        {search === '' ? (
          <StateNote title={t('searchHint')} />
        ) : (
          <Found search={search} chosen={chosen} without={without} onToggle={onToggle} />
        )}
      </div>
    </>
  );
}

function Found({
  search,
  chosen,
  without,
  onToggle,
}: {
  search: string;
  chosen: readonly Person[];
  without: readonly UserId[];
  onToggle: (person: Person) => void;
}) {
  const t = useTranslations('people');
  const errors = useTranslations('errors');
  const refusalText = useRefusalText();
  const found = useQuery({
    queryKey: ['people', search],
    queryFn: () => client.call('findPeople', { query: { text: search } }),
    placeholderData: (before) => before,
  });
  if (found.isPending) return Array.from({ length: 3 }, (_, i) => <div key={i} className="skeleton mx-2 mb-1 h-12" />);
  if (found.isError) {
    return (
      <StateNote title={refusalText(found.error)}>
        <Button onClick={() => void found.refetch()}>{errors('again')}</Button>
      </StateNote>
    );
  }
  const people = found.data.items.filter(({ id }) => !without.includes(id));
  if (people.length === 0) return <StateNote title={t('nobody')} />;
  return (
    <ul>
      {people.map((person) => {
        const isChosen = chosen.some(({ id }) => id === person.id);
        return (
          <li key={person.id}>
            <button
              type="button"
              aria-pressed={isChosen}
              onClick={() => onToggle(person)}
              className="flex h-12 w-full items-center gap-3 rounded-lg px-2 text-left hover:bg-line/40"
            >
              <Avatar id={person.id} name={person.displayName} size={32} />
              <span className="min-w-0 flex-1 truncate">
                {person.displayName} <span className="text-meta text-quiet">@{person.name}</span>
              </span>
              {isChosen && <Check size={17} className="text-wood" aria-hidden />}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Puts somebody in, or takes him out. */
export const toggled = (people: readonly Person[], person: Person): Person[] =>
  people.some(({ id }) => id === person.id) ? people.filter(({ id }) => id !== person.id) : [...people, person];
