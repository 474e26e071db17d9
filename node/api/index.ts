// The control API: the port it speaks to, and how it is started.
export type {
  AuctionFilter,
  Backend,
  ConnectResult,
  Host,
  OwnNodeView,
} from "./backend.js";
export { type EventBatch, type EventFeed, RecentEvents } from "./event-feed.js";
export { eventOf } from "./notice-event.js";
export { type Page, type PageRequest, pageOf } from "./paging.js";
export { problem } from "./problem.js";
export { type ApiOptions, ApiStartError, buildApi, type RunningApi, startApi } from "./server.js";
export * from "./shape/index.js";
export { freshToken, readToken, TokenFileError } from "./token.js";
export { type TranscriptParts, transcriptFromView, transcriptToView } from "./transcript-json.js";
