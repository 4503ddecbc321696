import { Popover } from 'radix-ui';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { keepFocus } from '../ui/keep-focus.ts';

/** Loaded when it is opened for the first time. */
const EmojiPicker = lazy(() => import('./emoji-picker.tsx'));

export function EmojiPopover({
  label,
  onPick,
  onOpenChange,
  children,
}: {
  label: string;
  onPick: (emoji: string) => void;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const change = (now: boolean): void => {
    setOpen(now);
    onOpenChange?.(now);
  };
  return (
    <Popover.Root open={open} onOpenChange={change}>
      <Popover.Trigger asChild>{children}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={label}
          onCloseAutoFocus={keepFocus}
          side="top"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 h-80 w-[21rem] max-w-[calc(100vw-1rem)] rounded-xl border border-line bg-ground shadow-[0_8px_24px_oklch(0.2_0.02_60/0.12)]"
        >
          <Suspense fallback={<div className="skeleton m-3 h-10" />}>
            <EmojiPicker
              onPick={(emoji) => {
                onPick(emoji);
                change(false);
              }}
            />
          </Suspense>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
