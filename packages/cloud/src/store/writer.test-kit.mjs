// Writes rows in pairs, as fast as it can, and tells of each when it is on disk. Killed by the test that starts it.
import { openStore } from "../../dist/store/lmdb-store.js";
import { table } from "../../dist/store/table.js";

const [, , folder, round] = process.argv;
const store = await openStore(folder);
const scope = { account: "000000000000", region: "eu-west-1" };
const left = store.table("s", table("left"), scope);
const right = store.table("s", table("right"), scope);
for (let n = 0; ; n++) {
  store.transaction(() => {
    left.put([round, n], n);
    right.put([round, n], n);
  });
  await store.durable();
  process.send(n);
}
