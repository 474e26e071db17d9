// A transcript as a daemon reads it, entry by entry, from one that a test holds whole.
import { type TranscriptParts, type TranscriptView, transcriptFromView } from "../../node/api/index.js";

export function partsOf(view: TranscriptView): TranscriptParts {
  const { entries, ...ends } = transcriptFromView(view);
  return {
    ...ends,
    entryCount: entries.length,
    async *entries() {
      yield* entries;
    },
  };
}
