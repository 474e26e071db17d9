// Follows the events of one peer as they come, none twice and none left out while the feed holds it.
import type { EventFeed } from "../node/api/index.js";
import type { ApiEvent } from "../node/contract/index.js";

const PAGE = 256;

/** Hands every event from now on to `onEvent`, in order. Returns how to stop. */
export function followEvents(feed: EventFeed, onEvent: (event: ApiEvent) => void): () => void {
  let lastId = feed.newestId();
  let reading = false;
  const readOn = async (): Promise<void> => {
    if (reading) return;
    reading = true;
    while (feed.newestId() > lastId) {
      const { events } = await feed.read(lastId, PAGE);
      lastId = events.at(-1)?.id ?? feed.newestId();
      for (const event of events) onEvent(event);
    }
    reading = false;
  };
  return feed.onAppend(() => void readOn());
}
