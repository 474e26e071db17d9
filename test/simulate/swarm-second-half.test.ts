// The swarm, second half: so that two workers share it.
import { describe } from "vitest";
import { HARSH, swarm } from "./swarm-runs.js";

describe("swarm", () => swarm(101, 4, HARSH));
