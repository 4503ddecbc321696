import type { LucideIcon } from 'lucide-react';
import { ContextMenu, DropdownMenu } from 'radix-ui';
import { keepFocus } from './keep-focus.ts';

export const MENU = {
  className: 'z-50 min-w-44 rounded-xl border border-line bg-ground p-1.5 shadow-[0_8px_24px_oklch(0.2_0.02_60/0.12)]',
  onCloseAutoFocus: keepFocus,
};
export const MENU_ITEM =
  'flex h-9 cursor-default items-center gap-2 rounded-md px-2 outline-none select-none data-[highlighted]:bg-line/60';

/** Something that can be done, as a menu offers it. */
export interface MenuAction {
  key: string;
  label: string;
  Icon: LucideIcon;
  run: () => void;
  /** Cannot be taken back. */
  dangerous?: boolean;
  /** Whether it is offered. */
  when: boolean;
}

/** The actions that are offered, as items of a menu of either kind. */
export function MenuItems({ actions, of }: { actions: readonly MenuAction[]; of: 'dropdown' | 'context' }) {
  const Item = of === 'dropdown' ? DropdownMenu.Item : ContextMenu.Item;
  return actions
    .filter(({ when }) => when)
    .map(({ key, label, Icon, run, dangerous = false }) => (
      <Item key={key} className={`${MENU_ITEM} ${dangerous ? 'text-persimmon' : ''}`} onSelect={run}>
        <Icon size={16} /> {label}
      </Item>
    ));
}
