import type { Page } from 'playwright-core';

/** Two frames without a change of the list's height: nothing is being loaded or measured. */
export const settled = (page: Page): Promise<unknown> =>
  page.getByRole('log').evaluate(async (log) => {
    const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let same = 0, height = 0; same < 10; same = height === log.scrollHeight ? same + 1 : 0) {
      height = log.scrollHeight;
      await frame();
    }
  });

/**
 * Listens where React's developer tools would, in the page as it is built: which components did work in a commit.
 * Rows of messages are counted in `rowRenders`, those of the list of rooms in `listRenders`.
 */
export function countRenders(): void {
  interface Fiber {
    type?: { displayName?: string; name?: string; type?: { name?: string } } | null;
    memoizedProps?: { row?: { kind?: string }; room?: object; open?: boolean };
    flags: number;
    alternate: Fiber | null;
    child: Fiber | null;
    sibling: Fiber | null;
  }
  const PERFORMED_WORK = 1;
  const counts = Object.assign(window, { rowRenders: 0, listRenders: 0, counting: false });
  const visit = (fiber: Fiber | null): void => {
    for (let at = fiber; at !== null; at = at.sibling) {
      const { row, room, open } = at.memoizedProps ?? {};
      const isRow = row?.kind === 'message' && typeof at.type === 'function';
      const isListRow = room !== undefined && open !== undefined && typeof at.type === 'function';
      if (isRow && (at.flags & PERFORMED_WORK) !== 0) counts.rowRenders++;
      if (isListRow && (at.flags & PERFORMED_WORK) !== 0) counts.listRenders++;
      if (at.alternate === null || at.child !== at.alternate.child || isRow || isListRow) visit(at.child);
    }
  };
  Object.assign(window, {
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      inject: () => 1,
      onCommitFiberUnmount: () => {},
      onPostCommitFiberRoot: () => {},
      onCommitFiberRoot: (_id: number, root: { current: Fiber }) => {
        if (counts.counting) visit(root.current);
      },
    },
  });
}
