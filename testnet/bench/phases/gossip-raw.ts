// Gossip without us: bare hosts pass on bytes of the same length.
import { randomBytes } from "node:crypto";
import { type BareHost, bareHost, dialAll } from "../bare-host.js";
import { GOSSIP_PEERS, Load, ringOfDials } from "../gossip-load.js";
import { until } from "../until.js";

const TOPIC = "bench";
const MESH_AT_LEAST = 3;

export async function open() {
  const hosts: BareHost[] = [];
  for (let i = 0; i < GOSSIP_PEERS; i++) hosts.push(await bareHost([TOPIC]));
  await dialAll(hosts, ringOfDials());
  await until("every mesh has formed", () =>
    hosts.every(({ services }) => services.gossip.getMeshPeers(TOPIC).length >= MESH_AT_LEAST),
  );
  let delivered = 0;
  for (const { services } of hosts) {
    services.gossip.addEventListener("gossipsub:message", () => {
      delivered++;
    });
  }
  let messageBytes = 0;
  const load = new Load({
    publish: (from) =>
      void hosts[from]!.services.gossip.publish(TOPIC, new Uint8Array(randomBytes(messageBytes))),
    delivered: () => delivered,
  });
  return {
    jobs: {
      async run(input: {
        readonly messages: number;
        readonly atOnce: number;
        readonly bytes: number;
      }): Promise<number> {
        messageBytes = input.bytes;
        return load.run(input.messages, input.atOnce);
      },
    },
    async close() {
      await Promise.all(hosts.map((host) => host.stop()));
    },
  };
}
