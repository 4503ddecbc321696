export { ChangeWriter } from './change-writer.js';
export { CommitFeed } from './commit-feed.js';
export { concealed, type EntryRow, historyEntry, MESSAGE_COLUMNS, type SystemFact } from './entry-rows.js';
export { LogDelivery } from './log-delivery.js';
export { HistoryCache } from './history-cache.js';
export { type HistoryEnd, LogRepository } from './log.repository.js';
export { type Head, NewMessage, type Rights, type RightsSource } from './log-types.js';
export { LogWriter } from './log-writer.js';
export type { TargetMessage } from './target-message.js';
