import { EmojiPicker as Picker, type EmojiPickerListComponents } from 'frimousse';
import { useTranslations } from 'use-intl';
import { useLocale } from '../ui/preferences.ts';

const COMPONENTS: EmojiPickerListComponents = {
  CategoryHeader: ({ category, ...rest }) => (
    <div {...rest} className="bg-ground px-3 pt-2 pb-1 text-meta font-medium text-quiet">
      {category.label}
    </div>
  ),
  // rows and columns count from 1 for screen readers
  Row: ({ children, ...rest }) => (
    <div {...rest} {...fromOne(rest, 'aria-rowindex')} className="px-1.5">
      {children}
    </div>
  ),
  Emoji: ({ emoji, ...rest }) => (
    <button
      {...rest}
      {...fromOne(rest, 'aria-colindex')}
      type="button"
      className="grid size-9 place-items-center rounded-md text-xl data-[active]:bg-line/60"
    >
      {emoji.emoji}
    </button>
  ),
};

function fromOne(props: object, name: string): object {
  const index = (props as Record<string, unknown>)[name];
  return typeof index === 'number' ? { [name]: index + 1 } : {};
}

export default function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const t = useTranslations('room');
  return (
    <Picker.Root
      locale={useLocale()}
      emojibaseUrl="/emojis"
      columns={9}
      onEmojiSelect={({ emoji }) => onPick(emoji)}
      className="isolate flex h-full flex-col"
    >
      <Picker.Search
        autoFocus
        aria-label={t('searchEmoji')}
        placeholder={t('searchEmoji')}
        className="m-2 h-9 appearance-none rounded-lg border border-line bg-ground px-3 outline-none focus:border-wood"
      />
      <Picker.Viewport className="relative min-h-0 flex-1 outline-none">
        <Picker.Loading className="absolute inset-0 grid place-items-center text-meta text-quiet">
          {t('loadingEmoji')}
        </Picker.Loading>
        <Picker.Empty className="absolute inset-0 grid place-items-center text-meta text-quiet">
          {t('noEmoji')}
        </Picker.Empty>
        <Picker.List components={COMPONENTS} className="pb-1.5 select-none" />
      </Picker.Viewport>
    </Picker.Root>
  );
}
