import { type InputHTMLAttributes, useId } from 'react';

/** A labelled input with a hint below, or what is wrong with it. */
export function Field({
  label,
  hint,
  error,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { label: string; hint?: string | undefined; error?: string | undefined }) {
  const id = useId();
  const below = error ?? hint;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-meta font-medium text-quiet">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={below === undefined ? undefined : `${id}-below`}
        className="h-11 rounded-lg border border-line bg-ground px-3 focus-visible:border-wood focus-visible:outline-1 focus-visible:outline-offset-0"
        {...rest}
      />
      {below !== undefined && (
        <p
          id={`${id}-below`}
          role={error === undefined ? undefined : 'alert'}
          className={`text-meta ${error === undefined ? 'text-quiet' : 'text-persimmon'}`}
        >
          {below}
        </p>
      )}
    </div>
  );
}

/** What was typed into the field of that name. */
export function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
