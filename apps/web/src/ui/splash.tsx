/** Before anything is known: the page's colour and its sign. */
export function Splash() {
  return (
    <div className="grid h-dvh place-items-center bg-ground">
      <Mark size={44} />
    </div>
  );
}

/** A hall: a roof on three posts. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden className="text-wood">
      <path d="M4 13 16 5.500 28 13v2.500H4z" fill="currentColor" />
      <path d="M7 17.500h3.200V26H7zM14.400 17.500h3.200V26h-3.200zM21.800 17.500H25V26h-3.200z" fill="currentColor" />
    </svg>
  );
}
