import { Check, Settings2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { noNotices, noticesPossible, useNoticeChoice, wantNotices } from '../notices/notice-choice.ts';
import { Button } from './button.tsx';
import { MENU, MENU_ITEM } from './menu.tsx';
import { type Locale, setLocale, setTheme, type Theme, useLocale, useTheme } from './preferences.ts';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const LOCALES: readonly [Locale, string][] = [
  ['en', 'English'],
  ['ko', '한국어'],
];

/** Theme and language; with `onSignOut` also what only who is signed in has. */
export function Settings({ onSignOut }: { onSignOut?: () => void }) {
  const t = useTranslations('settings');
  const session = useTranslations('session');
  const theme = useTheme();
  const locale = useLocale();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button look="icon" aria-label={t('menu')}>
          <Settings2 size={18} />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} {...MENU}>
          <DropdownMenu.Label className="px-2 py-1 text-meta text-quiet">{t('theme')}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={theme}>
            {THEMES.map((choice) => (
              <DropdownMenu.RadioItem
                key={choice}
                value={choice}
                className={MENU_ITEM}
                onSelect={() => setTheme(choice)}
              >
                <Chosen />
                {t(choice)}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Label className="px-2 py-1 text-meta text-quiet">{t('language')}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={locale}>
            {LOCALES.map(([choice, name]) => (
              <DropdownMenu.RadioItem
                key={choice}
                value={choice}
                lang={choice}
                className={MENU_ITEM}
                onSelect={() => setLocale(choice)}
              >
                <Chosen />
                {name}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          {onSignOut !== undefined && (
            <>
              {noticesPossible() && <NoticeSwitch />}
              <DropdownMenu.Separator className="my-1 h-px bg-line" />
              <DropdownMenu.Item className={`${MENU_ITEM} pl-8`} onSelect={onSignOut}>
                {session('signOut')}
              </DropdownMenu.Item>
            </>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function NoticeSwitch() {
  const t = useTranslations('notices');
  const on = useNoticeChoice() === 'on';
  const change = async (): Promise<void> => {
    if (on) noNotices();
    else if (!(await wantNotices())) toast.error(t('blocked'));
  };
  return (
    <>
      <DropdownMenu.Separator className="my-1 h-px bg-line" />
      <DropdownMenu.CheckboxItem checked={on} className={MENU_ITEM} onSelect={() => void change()}>
        <Chosen />
        {t('title')}
      </DropdownMenu.CheckboxItem>
    </>
  );
}

function Chosen() {
  return (
    <span className="grid size-4 place-items-center text-wood">
      <DropdownMenu.ItemIndicator>
        <Check size={15} />
      </DropdownMenu.ItemIndicator>
    </span>
  );
}
