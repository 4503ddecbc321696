/** Keeps the messages of one socket in the order they arrived, although each is admitted on its own. */
export class SendOrder {
  private last: Promise<unknown> = Promise.resolve();

  /** Resolves as the admission does, but not before earlier ones have been settled. */
  enter<T>(admission: Promise<T>): Promise<T> {
    const earlier = this.last;
    const turn = admission.then(async (admitted) => {
      await earlier;
      return admitted;
    });
    this.last = Promise.allSettled([earlier, turn]);
    return turn;
  }
}
