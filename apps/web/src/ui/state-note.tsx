import type { ReactNode } from 'react';

/** What a screen says when it has nothing to show: what it is, and what can be done. */
export function StateNote({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-10 text-center">
      <p className="font-semibold">{title}</p>
      {hint !== undefined && <p className="max-w-72 text-quiet">{hint}</p>}
      {children !== undefined && <div className="mt-3 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}
