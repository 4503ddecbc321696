/** Keeps the messages of one socket in the order they arrived, although each is admitted on its own. */
export class SendOrder {
  private last: Promise<unknown> | undefined;

  /** Settles as the admission does, but not before earlier ones have. */
  enter<T>(admission: Promise<T>): Promise<T> {
    const earlier = this.last;
    const turn = earlier === undefined ? admission : inTurn(earlier, admission);
    this.last = turn;
    const done = (): void => {
      if (this.last === turn) this.last = undefined;
    };
    turn.then(done, done);
    return turn;
  }
}

async function inTurn<T>(earlier: Promise<unknown>, admission: Promise<T>): Promise<T> {
  const [admitted] = await Promise.allSettled([admission, earlier]);
  if (admitted.status === 'rejected') throw admitted.reason;
  return admitted.value;
}
