import { type SelectHTMLAttributes, useId } from 'react';

/** A labelled choice, as the system shows it. */
export function Select({
  label,
  hint,
  options,
  ...rest
}: SelectHTMLAttributes<HTMLSelectElement> & {
  label: string;
  hint?: string | undefined;
  options: readonly (readonly [value: string, label: string])[];
}) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-meta font-medium text-quiet">
        {label}
      </label>
      <select
        id={id}
        aria-describedby={hint === undefined ? undefined : `${id}-below`}
        className="h-11 rounded-lg border border-line bg-ground px-2.5 focus-visible:border-wood focus-visible:outline-1 focus-visible:outline-offset-0"
        {...rest}
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      {hint !== undefined && (
        <p id={`${id}-below`} className="text-meta text-quiet">
          {hint}
        </p>
      )}
    </div>
  );
}
