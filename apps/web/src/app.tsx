'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { Toaster } from 'sonner';
import { ChatShell } from './chat-shell.tsx';
import { client } from './client.ts';
import { I18n } from './i18n/i18n.tsx';
import { hasKeptSession, rememberSession } from './session/kept-session.ts';
import { SignIn } from './session/sign-in.tsx';
import { Splash } from './ui/splash.tsx';
import { useStore } from './use-store.ts';

const queries = new QueryClient({
  defaultOptions: { queries: { retry: 1, staleTime: 10_000, refetchOnWindowFocus: false } },
});
const never = (): (() => void) => () => {};

export function App() {
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  if (!inBrowser) return <Splash />;
  return (
    <I18n>
      <QueryClientProvider client={queries}>
        <Session />
        <Toaster position="top-center" toastOptions={{ className: '!bg-panel !text-ink !border-line !font-sans' }} />
      </QueryClientProvider>
    </I18n>
  );
}

/** Looks for a kept session once, then shows the chat or the way in. */
function Session() {
  const { status, person } = useStore(client.session.store);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const restore = (): void => {
      client.session.restore().catch(() => (timer = setTimeout(restore, 2_000)));
    };
    if (hasKeptSession()) restore();
    else client.session.startSignedOut();
    return () => clearTimeout(timer);
  }, []);

  useEffect(() => {
    if (status === 'unknown') return;
    rememberSession(status === 'signed-in');
    if (status === 'signed-in') client.connection.connect();
    else queries.clear();
  }, [status]);

  if (status === 'unknown') return <Splash />;
  return person === null ? <SignIn /> : <ChatShell me={person} />;
}
