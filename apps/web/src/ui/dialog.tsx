import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from './button.tsx';

/** A dialog in the middle of the page; on a phone a sheet from below. */
export function Dialog({
  title,
  hint,
  open,
  onClose,
  children,
}: {
  title: string;
  hint?: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const t = useTranslations('rooms');
  return (
    <Radix.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[oklch(0.15_0.01_60/0.45)]" />
        <Radix.Content
          {...(hint === undefined ? { 'aria-describedby': undefined } : {})}
          className="fixed inset-x-0 bottom-0 z-50 flex max-h-[85dvh] flex-col gap-4 rounded-t-2xl border border-line bg-ground p-5 pb-[max(1.25rem,env(safe-area-inset-bottom))] sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:top-1/2 sm:w-[440px] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl"
        >
          <div className="pr-8">
            <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
            {hint !== undefined && <Radix.Description className="text-quiet">{hint}</Radix.Description>}
          </div>
          {children}
          <Radix.Close asChild>
            <Button look="icon" aria-label={t('close')} className="absolute top-3.5 right-3">
              <X size={18} />
            </Button>
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
