// `npm run soak -- <minutes>`: a line for each half minute, and exit 1 if memory or disk grew.
import { growth, type Sample, soak } from "./soak.js";

const minutes = Number(process.argv[2] ?? 60);
if (!(minutes > 0)) {
  process.stderr.write("soak: say for how many minutes, as in `npm run soak -- 60`\n");
  process.exit(2);
}

const line = ({ atMinute, isLoaded, perSecond, cpuPercent, residentMib, diskMib }: Sample): string =>
  [
    `${atMinute.toFixed(1).padStart(6)} min`,
    (isLoaded ? "load" : "silence").padEnd(8),
    `${perSecond.toFixed(1).padStart(6)} final/s`,
    `${cpuPercent.toFixed(1).padStart(6)} % of a core each`,
    `${residentMib.toFixed(0).padStart(5)} MiB resident at most`,
    `${diskMib.toFixed(1).padStart(8)} MiB on disk in all`,
  ].join("  ");

const grown = growth(await soak(minutes, (sample) => process.stdout.write(`${line(sample)}\n`)));
for (const one of grown) process.stdout.write(`${one}\n`);
process.exit(grown.length > 0 ? 1 : 0);
