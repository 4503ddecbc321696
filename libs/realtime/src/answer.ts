/** A handler's return value with something that must happen right after its acknowledgement was written, and leaves with it. */
export class Answer<T> {
  constructor(
    readonly data: T,
    readonly afterwards: () => void,
  ) {}
}
