// The phase of a proxy with nothing in it, on what the gateway stands on: the least that any gateway made of these costs.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";

export async function open() {
  const agent = new Agent();
  let origin = "";
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.once("end", () => pass(agent, origin, Buffer.concat(parts), request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    jobs: {
      /** @returns where it serves, before an upstream */
      before: async (upstream: string): Promise<string> => {
        origin = upstream;
        return `http://127.0.0.1:${port}`;
      },
      cpuMs: async (): Promise<number> => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1_000;
      },
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await agent.destroy();
    },
  };
}

function pass(
  agent: Agent,
  origin: string,
  body: Buffer,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): void {
  const headers = { "content-type": "application/json" };
  const asked = { origin, path: url ?? "/", method: method as "POST", headers, body };
  agent.dispatch(asked, {
    onRequestStart() {},
    onResponseStart(_controller, status) {
      response.writeHead(status, { "content-type": "text/event-stream" });
    },
    onResponseData(_controller, chunk) {
      response.write(chunk);
    },
    onResponseEnd() {
      response.end();
    },
    onResponseError() {
      response.destroy();
    },
  });
}
