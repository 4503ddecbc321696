/** Always the same shuffle: neighbours in time are no neighbours in a room. */
export function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let seed = 42;
  for (let i = count - 1; i > 0; i--) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const j = seed % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

export interface ScheduleOptions {
  clients: number;
  /** Messages of each client a second. */
  perSecond: number;
  /** When the client says its first message, at the earliest; milliseconds from the start. */
  startsAt: (client: number) => number;
  endsAt: number;
}

export interface Due {
  client: number;
  /** Milliseconds from the start. */
  at: number;
}

/** When who is to send, in order of time and evenly spread, whatever the server does (an open loop). */
export function* schedule({ clients, perSecond, startsAt, endsAt }: ScheduleOptions): Generator<Due> {
  const order = shuffled(clients);
  const period = 1_000 / perSecond;
  for (let turn = 0; ; turn++) {
    for (let place = 0; place < clients; place++) {
      const at = (turn + place / clients) * period;
      if (at >= endsAt) return;
      const client = order[place] as number;
      if (at >= startsAt(client)) yield { client, at };
    }
  }
}
