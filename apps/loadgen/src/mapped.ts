/** The same names with other values. */
export const mapped = <From, To>(
  record: Readonly<Record<string, From>>,
  each: (value: From, name: string) => To,
): Record<string, To> => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, each(value, name)]));
