/**
 * What closes gives the focus back to where it was opened from; not when what was chosen in it has put the focus
 * somewhere else, as Reply does with the field below.
 */
export const keepFocus = (closing: Event): void => {
  if (document.activeElement !== document.body) closing.preventDefault();
};
