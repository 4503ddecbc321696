/** A text as one line, for quotes and lists: without the signs of Markdown that would only be in the way. */
export const oneLine = (text: string): string =>
  text
    .replace(/```\w*\n?|\*\*|__|`/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
