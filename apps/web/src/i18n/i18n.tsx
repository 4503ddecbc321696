import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { IntlProvider } from 'use-intl';
import en from '../../messages/en.json' with { type: 'json' };
import ko from '../../messages/ko.json' with { type: 'json' };
import { useLocale } from '../ui/preferences.ts';

const MESSAGES = { en, ko };

declare module 'use-intl' {
  interface AppConfig {
    Messages: typeof en;
  }
}

export function I18n({ children }: { children: ReactNode }) {
  const locale = useLocale();
  useEffect(() => void (document.documentElement.lang = locale), [locale]);
  return (
    <IntlProvider
      locale={locale}
      messages={MESSAGES[locale]}
      timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}
    >
      {children}
    </IntlProvider>
  );
}
