/** A handler's return value with something that must happen right after its acknowledgement was written. */
export class Answer<T> {
  constructor(
    readonly data: T,
    readonly afterwards: () => void,
  ) {}
}
