import { Counter, Gauge, Histogram } from 'prom-client';

/** From the quickest commit to what nobody waits for. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** A gauge whose value is looked up whenever it is asked for, so that it is never out of date. */
class LiveGauge extends Gauge {
  private read: () => number = () => 0;

  readsFrom(read: () => number): void {
    this.read = read;
  }

  /** prom-client calls this before it tells the value. */
  collect(): void {
    this.set(this.read());
  }
}

/** Every metric of a node. Units are in the names; labels are bounded, never an id. */
export const metrics = {
  connections: new Gauge({ name: 'maru_socket_connections', help: 'Authenticated sockets on this node.' }),
  handshakesRefused: new Counter({
    name: 'maru_handshakes_refused_total',
    help: 'Socket handshakes that were refused.',
    labelNames: ['code'] as const,
  }),
  commandsRefused: new Counter({
    name: 'maru_commands_refused_total',
    help: 'Socket commands that were refused.',
    labelNames: ['event', 'code'] as const,
  }),
  commandSeconds: new Histogram({
    name: 'maru_command_duration_seconds',
    help: 'From the arrival of a socket command to its acknowledgement, where it was not refused.',
    labelNames: ['event'] as const,
    buckets: SECONDS,
  }),
  httpSeconds: new Histogram({
    name: 'maru_http_request_duration_seconds',
    help: 'REST requests by route template; whatever is no part of the API is `page`.',
    labelNames: ['method', 'route'] as const,
    buckets: SECONDS,
  }),
  httpRequests: new Counter({
    name: 'maru_http_requests_total',
    help: 'REST requests by route template and status.',
    labelNames: ['method', 'route', 'status'] as const,
  }),
  sessionsStarted: new Counter({
    name: 'maru_sessions_started_total',
    help: 'Sessions that began here by registering or logging in.',
  }),
  sessionsConnected: new Gauge({ name: 'maru_sessions_connected', help: 'Sessions with a socket on this node.' }),
  slowConsumersCut: new Counter({
    name: 'maru_slow_consumers_cut_total',
    help: 'Sockets cut because they did not read.',
  }),
  framesDropped: new Counter({
    name: 'maru_frames_dropped_total',
    help: 'Typing frames left out because the socket or the node was busy.',
  }),
  presencePeople: new Gauge({
    name: 'maru_presence_people',
    help: 'People whose presence is followed for sockets here.',
  }),
  resumes: new Counter({
    name: 'maru_resumes_total',
    help: 'Rooms that were opened, by where what was missed came from.',
    labelNames: ['from'] as const,
  }),
  messagesStored: new Counter({ name: 'maru_messages_stored_total', help: 'Messages committed by this node.' }),
  changesStored: new Counter({
    name: 'maru_changes_stored_total',
    help: 'Edits, deletions, reactions and pins committed by this node.',
  }),
  changesQueue: new Gauge({ name: 'maru_changes_queue', help: 'Changes of messages that wait for their transaction.' }),
  roomMutationsQueue: new LiveGauge({
    name: 'maru_room_mutations_queue',
    help: 'Changes of rooms and memberships that wait for their turn.',
  }),
  commitSeconds: new Histogram({
    name: 'maru_commit_duration_seconds',
    help: 'From the start of a transaction of the log writer to its commit.',
    buckets: SECONDS,
  }),
  commitRows: new Histogram({
    name: 'maru_commit_rows',
    help: 'Messages per transaction of the log writer.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
  }),
  commits: new Counter({
    name: 'maru_commits_total',
    help: 'Transactions of the log writer: heads of rooms known (one packet), asked for (two), or known wrongly (three).',
    labelNames: ['heads'] as const,
  }),
  writerQueueAge: new Histogram({
    name: 'maru_writer_queue_age_seconds',
    help: 'How long the oldest message of a transaction had waited when it began.',
    buckets: SECONDS,
  }),
  writerQueue: new LiveGauge({ name: 'maru_writer_queue_messages', help: 'Messages that wait for the log writer.' }),
  announcementsWaiting: new LiveGauge({
    name: 'maru_announcements_waiting',
    help: 'What was committed here for one room at a time, and waits to be handed to the sockets of this node.',
  }),
  writerRefusals: new Counter({
    name: 'maru_writer_refusals_total',
    help: 'Messages that the log writer did not store.',
    labelNames: ['code'] as const,
  }),
  deliveryLag: new Histogram({
    name: 'maru_delivery_lag_seconds',
    help: 'From just before the commit of an entry, here or elsewhere, to its hand-over to the sockets of a room; once per frame.',
    buckets: SECONDS,
  }),
  entriesDelivered: new Counter({
    name: 'maru_entries_delivered_total',
    help: 'Entries handed to sockets, one per entry and socket.',
  }),
  framesSlowPath: new Counter({
    name: 'maru_frames_slow_path_total',
    help: 'Broadcast frames that went through emit() because the socket was not an idle WebSocket.',
  }),
  roomsServed: new Gauge({ name: 'maru_rooms_served', help: 'Rooms that this node delivers live.' }),
  entriesHeld: new Counter({
    name: 'maru_entries_held_total',
    help: 'Entries that came ahead of their turn and had to wait.',
  }),
  gapReads: new Counter({
    name: 'maru_gap_reads_total',
    help: 'Reads of the log to fill a hole in live delivery.',
    labelNames: ['outcome'] as const,
  }),
  rateLimited: new Counter({
    name: 'maru_rate_limited_total',
    help: 'What was asked for too often, by limit; over sockets and REST alike.',
    labelNames: ['limit'] as const,
  }),
  rateLimiterFallback: new Counter({
    name: 'maru_rate_limiter_fallback_total',
    help: 'Tokens decided by local buckets because Redis was away.',
  }),
  redisUp: new Gauge({
    name: 'maru_redis_up',
    help: '1 while Redis answers on this connection.',
    labelNames: ['purpose'] as const,
  }),
  redisCommands: new Counter({
    name: 'maru_redis_commands_total',
    help: 'Commands sent to Redis; a script is one.',
    labelNames: ['purpose'] as const,
  }),
  controlPlaneFailures: new Counter({
    name: 'maru_control_plane_failures_total',
    help: 'Commands to the sockets of other nodes that Redis did not take.',
  }),
  relayPeers: new Gauge({ name: 'maru_relay_peers', help: 'Other nodes that this node knows.' }),
  relayBroken: new Gauge({
    name: 'maru_relay_broken',
    help: '1 while a known node is not heard of; rooms are then compared with the log four times a second.',
  }),
  relayEntries: new Counter({
    name: 'maru_relay_entries_total',
    help: 'Entries told to and by other nodes, one per entry and node.',
    labelNames: ['direction'] as const,
  }),
  relayLag: new Histogram({
    name: 'maru_relay_lag_seconds',
    help: 'From just before a commit on another node to its arrival here; once per frame.',
    buckets: SECONDS,
  }),
  relayFramesDropped: new Counter({
    name: 'maru_relay_frames_dropped_total',
    help: 'Frames for other nodes that could not be sent; who misses them reads the log.',
  }),
  eventsWaiting: new Gauge({ name: 'maru_events_waiting', help: 'Events that wait to be put on the stream.' }),
  eventsPublished: new Counter({ name: 'maru_events_published_total', help: 'Events put on the stream by this node.' }),
  eventsDropped: new Counter({
    name: 'maru_events_dropped_total',
    help: 'Events given up because the stream was away for long; sweeps repair what they would have told.',
  }),
  eventsHandled: new Counter({
    name: 'maru_events_handled_total',
    help: 'Entries of the stream handled by this node.',
  }),
  eventLag: new Histogram({
    name: 'maru_events_lag_seconds',
    help: 'How long the oldest entry of a batch had been on the stream when the batch was done.',
    buckets: [...SECONDS, 10, 30, 60, 300, 1_800],
  }),
  eventsSetAside: new Counter({
    name: 'maru_events_set_aside_total',
    help: 'Entries that could not be handled and are kept for inspection.',
  }),
  eventsUnread: new Gauge({
    name: 'maru_events_unread',
    help: 'Entries of the stream that no consumer was given yet.',
  }),
  eventsTrimmedUnread: new Gauge({
    name: 'maru_events_trimmed_unread',
    help: 'Entries that were trimmed before any consumer was given them.',
  }),
  cursorsAdvanced: new Counter({
    name: 'maru_read_cursor_advances_total',
    help: 'Times that somebody was said to have read on; less the rows written, these are the writes absorbed.',
  }),
  cursorsWritten: new Counter({
    name: 'maru_read_cursor_rows_written_total',
    help: 'Rows of read cursors written to the database.',
  }),
  cursorsOwed: new Gauge({
    name: 'maru_read_cursors_owed',
    help: 'Cursors that Redis is to be told when it is back.',
  }),
  cacheReads: new Counter({
    name: 'maru_cache_reads_total',
    help: 'Look-aside reads by cache and outcome: hit or miss.',
    labelNames: ['cache', 'outcome'] as const,
  }),
  roomListRepaired: new Counter({
    name: 'maru_room_list_repaired_total',
    help: 'Rooms whose newest activity no event had told; found by the sweep.',
  }),
  lockSkipped: new Counter({
    name: 'maru_room_lock_skipped_total',
    help: 'Room changes that went on without the lock.',
  }),
  databaseStatements: new Counter({
    name: 'maru_database_statements_total',
    help: 'Statements sent: to the primary, to a replica, and by the log writer, which sends several at once.',
    labelNames: ['role'] as const,
  }),
  databasePool: new Gauge({
    name: 'maru_database_pool_connections',
    help: 'Connections in use and free to be used, and works that wait for one.',
    labelNames: ['role', 'state'] as const,
  }),
  replicaLag: new Gauge({
    name: 'maru_replica_lag_seconds',
    help: 'How far a replica is behind the primary; grows while it does not answer.',
  }),
  databaseErrors: new Counter({
    name: 'maru_database_errors_total',
    help: 'Statements that failed because the server was away or too slow.',
    labelNames: ['role'] as const,
  }),
  passwordQueue: new Gauge({ name: 'maru_password_queue', help: 'Passwords that wait to be hashed or checked.' }),
  logLinesLost: new Counter({ name: 'maru_log_lines_lost_total', help: 'Log lines that could not be written.' }),
  unhandledRejections: new Counter({
    name: 'maru_unhandled_rejections_total',
    help: 'Errors that nobody caught; the node drains and ends.',
  }),
};

// what has not happened yet is 0, not absent: rates begin with the first time
metrics.commandSeconds.zero({ event: 'message:send' });
for (const code of ['overloaded', 'unavailable', 'unknown', 'internal']) {
  metrics.commandsRefused.inc({ event: 'message:send', code }, 0);
  metrics.writerRefusals.inc({ code }, 0);
}
for (const role of ['primary', 'replica']) metrics.databaseErrors.inc({ role }, 0);
for (const outcome of ['filled', 'nothing', 'failed']) metrics.gapReads.inc({ outcome }, 0);
for (const direction of ['in', 'out']) metrics.relayEntries.inc({ direction }, 0);
