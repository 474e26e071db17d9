// Sells rendering: asks in purchases of it, and draws a picture of the scene that its buyer has handed over.
//   node seller.mjs <data folder of a running daemon> <folder for its notes>
import { createAgent, strategies } from "mabeam/sdk";

const [home, folder] = process.argv.slice(2);
const seller = createAgent({
  name: "renderer",
  capabilities: ["render.mandelbrot"],
  budget: { perAuction: 50_000_000n, perPeriod: 500_000_000n }, // the daemon's own agent pays for it, and earns by it
  daemon: { home },
  folder,
  delayMs: 0,
});
seller.value("render.mandelbrot", () => 2_000_000n);
seller.bid(strategies.truthful());
seller.work(
  "render.mandelbrot",
  async (task, { progress }) => {
    const { size, depth, x, y, span } = JSON.parse(Buffer.from(task.input).toString());
    const header = Buffer.from(`P6 ${size} ${size} 255\n`);
    const picture = Buffer.alloc(header.length + 3 * size * size);
    header.copy(picture);
    for (let row = 0; row < size; row++) {
      if (row % 256 === 0) {
        progress(row / size);
        await new Promise(setImmediate);
      }
      for (let column = 0; column < size; column++) {
        const [cx, cy] = [x + (column / size - 0.5) * span, y + (row / size - 0.5) * span];
        let [zx, zy, n] = [0, 0, 0];
        for (; n < depth && zx * zx + zy * zy < 4; n++) [zx, zy] = [zx * zx - zy * zy + cx, 2 * zx * zy + cy];
        const at = header.length + 3 * (row * size + column);
        picture[at] = n === depth ? 0 : (n * 7) & 255;
        picture[at + 1] = n === depth ? 0 : (n * 13) & 255;
        picture[at + 2] = n === depth ? 0 : (n * 29) & 255;
      }
    }
    return { output: picture };
  },
  { needsInput: true },
);
await seller.run();
