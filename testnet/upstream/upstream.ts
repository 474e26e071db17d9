// The test upstream: a server on this machine that answers, limits, refuses and fails as real ones were seen to.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Answering } from "./answering.js";
import { DIALECTS } from "./dialects/dialects.js";
import { Journal, type Visit } from "./journal.js";
import type { UpstreamRules } from "./rules.js";

export interface Upstream {
  /** with the path at which the dialect's clients begin */
  readonly url: string;
  readonly journal: Journal;
  /** Breaks off what still runs. */
  close(): Promise<void>;
}

/**
 * @param port 0: any that is free
 * @param ended is told of each request whose answer is over
 */
export async function startUpstream(
  rules: UpstreamRules,
  port = 0,
  ended?: (visit: Visit) => void,
): Promise<Upstream> {
  const journal = new Journal(ended);
  const answering = new Answering(rules, journal);
  const server = createServer((request, response) => {
    const visit = journal.open(request, rules.clock.nowMs());
    bodyOf(request, rules.maxBodyBytes).then(
      (body) => void answering.answer(request, body, response, visit),
      // Whoever asked left before all was said.
      () => journal.close(visit, "left", rules.clock.nowMs()),
    );
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

/** The body; null if it is larger than so many bytes. */
async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length <= most) parts.push(part as Buffer);
  }
  return length > most ? null : Buffer.concat(parts);
}
