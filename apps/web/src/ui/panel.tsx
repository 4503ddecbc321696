import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from './button.tsx';

/** The drawer beside a conversation; on a phone the whole screen. */
export function Panel({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const rooms = useTranslations('rooms');
  return (
    <aside
      aria-label={title}
      onKeyDown={({ key }) => key === 'Escape' && onClose()}
      className="fixed inset-0 z-30 flex flex-col bg-ground sm:left-auto sm:w-80 sm:border-l sm:border-line lg:static lg:z-auto lg:shrink-0"
    >
      <header className="flex h-14 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
        <h2 className="font-semibold">{title}</h2>
        <Button look="icon" aria-label={rooms('close')} onClick={onClose}>
          <X size={18} />
        </Button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-2">{children}</div>
    </aside>
  );
}
