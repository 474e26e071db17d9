// Bundles the command line into dist/client: a command that only asks the API then reads a few files instead of 157, among
// them those of a schema library's every language. It is the same program; the launcher says who runs it from where.
import { rmSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";

/** Where a module finds its neighbours by address: where it lay before it was bundled. */
const addressOf = (client, id) => {
  const path = relative(client, id).replaceAll("\\", "/");
  return `new URL(${JSON.stringify(path)}, import.meta.url).href`;
};

/** @param dist the folder that TypeScript filled */
export async function bundleClient(dist) {
  const { rolldown } = await import("rolldown");
  const client = join(dist, "client");
  const bundle = await rolldown({
    input: join(dist, "node", "cli", "main.js"),
    platform: "node",
    plugins: [
      {
        name: "addresses",
        transform: (code, id) =>
          isAbsolute(id) && id.startsWith(dist) && code.includes("import.meta.url")
            ? { code: code.replaceAll("import.meta.url", addressOf(client, id)), map: null } // each line stays its own
            : null,
      },
    ],
  });
  rmSync(client, { recursive: true, force: true });
  await bundle.write({ dir: client, format: "esm", sourcemap: true });
  await bundle.close();
}
