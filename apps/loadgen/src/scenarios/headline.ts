import { say } from '../load.ts';
import { chatScenario, type Given } from '../scenario.ts';

/** 3,000 people in rooms of ten, each says something once a second. */
export async function headline(given: Given): Promise<void> {
  const { ack, delivery, serverMicrosPerDelivery: cost } = await chatScenario('headline', given);
  say(
    `to compare with another server on this machine: ack p99 ${ack.p99} ms of stored messages, delivery p99 ${delivery.p99} ms, ${cost ?? '?'} us of CPU a delivery`,
  );
}

/** The same people come one after the other within a minute and chat from when they are there. */
export const rampUp = async (given: Given): Promise<void> =>
  void (await chatScenario('ramp-up', given, { rampSeconds: 60, warmUpSeconds: 0 }));

/** Besides what is said: history, room lists and how far people have read. */
export const readMix = async (given: Given): Promise<void> =>
  void (await chatScenario('read-mix', given, { reads: { history: 50, roomList: 50, cursors: 300 } }));

/** The mix with reads on a replica and events on Kafka. */
export const everything = async (given: Given): Promise<void> =>
  void (await chatScenario(
    'everything',
    given,
    { clients: 1_000, reads: { history: 100, roomList: 100, cursors: 300 } },
    { replica: {}, kafka: true },
  ));
