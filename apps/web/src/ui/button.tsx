import type { ButtonHTMLAttributes } from 'react';

const LOOKS = {
  primary: 'bg-wood text-on-wood hover:opacity-90 px-4 h-10 font-semibold',
  plain: 'border border-line hover:bg-panel px-4 h-10 font-medium',
  quiet: 'text-quiet hover:text-ink hover:bg-line/50 px-2 h-9',
  icon: 'text-quiet hover:text-ink hover:bg-line/50 size-9 justify-center shrink-0',
} as const;

export function Button({
  look = 'plain',
  className = '',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { look?: keyof typeof LOOKS }) {
  return (
    <button
      type="button"
      className={`inline-flex items-center gap-2 rounded-lg whitespace-nowrap transition-colors disabled:opacity-50 ${LOOKS[look]} ${className}`}
      {...rest}
    />
  );
}
