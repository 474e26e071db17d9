// The test upstream: a server on this machine that answers, limits, refuses and fails as real ones were seen to.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Answering } from "./answering.js";
import { DIALECTS } from "./dialects/dialects.js";
import { type Entry, Journal } from "./journal.js";
import type { UpstreamRules } from "./rules.js";

export interface Upstream {
  /** with the path at which the dialect's clients begin */
  readonly url: string;
  readonly journal: Journal;
  /** Breaks off what still runs. */
  close(): Promise<void>;
}

/** Bytes of a body that are read at most. */
const MAX_BODY = 32 * 1024 * 1024;

/**
 * @param port 0: any that is free
 * @param ended is told of each request whose answer is over
 */
export async function startUpstream(
  rules: UpstreamRules,
  port = 0,
  ended?: (entry: Entry) => void,
): Promise<Upstream> {
  const journal = new Journal(ended);
  const answering = new Answering(rules, journal);
  const server = createServer((request, response) => {
    const entry = journal.open(request, rules.clock.nowMs());
    bodyOf(request)
      .then((body) => answering.answer(request, body, response, entry))
      .catch(() => {
        journal.close(entry, "left", rules.clock.nowMs());
        response.destroy();
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}${DIALECTS[rules.dialect].base}`,
    journal,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The body; null if it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length <= MAX_BODY) parts.push(part as Buffer);
  }
  return length > MAX_BODY ? null : Buffer.concat(parts);
}
