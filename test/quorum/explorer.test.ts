import { it } from "vitest";
import { explore } from "./explore/explore.js";
it("counts", () => {
  for (const [terms, crashes, silent] of [[1,0,false],[1,1,false],[2,0,true],[2,0,false]] as const)
  for (const byz of [1,2,3,4]) {
    const t=process.cpuUsage().user;
    const a = explore({ terms, byzantine: [byz], crashes, silent, maxStates: 2e6 });
    const t1=process.cpuUsage().user;
    const b = explore({ terms, byzantine: [byz], crashes, silent, maxStates: 3e6, plain: true });
    const t2=process.cpuUsage().user;
    const pa = new Set(a.search.profiles()), pb = new Set(b.search.profiles());
    const ex = [...pa].filter(x=>!pb.has(x)), mi=[...pb].filter(x=>!pa.has(x));
    console.log("R",terms, crashes, byz,silent, a.states, b.states, a.memberStates, b.memberStates, b.complete, pa.size, pb.size, "extra", ex.length, ex.slice(0,2), "missing", mi.length, mi.slice(0,2), (t1-t)/1e6, (t2-t1)/1e6);
  }
}, 600000);
