// The control API: the peers it shows, and how it is started.
export { type EventBatch, type EventFeed, RecentEvents } from "./event-feed.js";
export { type Host, HostedPeer, type ReadHandover, type ReadPeer, type Surroundings } from "./hosted.js";
export { eventOf } from "./notices.js";
export { type ApiOptions, ApiStartError, buildApi, type RunningApi, startApi } from "./server.js";
export { readinessOf } from "./standing.js";
export { freshToken, readToken, TokenFileError } from "./token.js";
export { type TranscriptParts, transcriptFromView, transcriptToView } from "./transcript-json.js";
