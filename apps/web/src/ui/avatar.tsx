/** The first letter on a colour that stays the same for the same id. */
export function Avatar({
  id,
  name,
  size = 36,
  square = false,
}: {
  id: string;
  name: string;
  size?: number;
  square?: boolean;
}) {
  const hue = Number.parseInt(id.slice(-6), 16) % 360;
  const letter = new Intl.Segmenter().segment(name).containing(0)?.segment.toUpperCase() ?? '';
  return (
    <span
      aria-hidden
      className={`grid shrink-0 place-items-center font-semibold text-[oklch(0.985_0.006_85)] select-none ${square ? 'rounded-xl' : 'rounded-full'}`}
      style={{ width: size, height: size, fontSize: size * 0.42, background: `oklch(0.52 0.075 ${hue})` }}
    >
      {letter}
    </span>
  );
}
