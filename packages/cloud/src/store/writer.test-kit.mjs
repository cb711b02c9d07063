// Writes rows in pairs, as fast as it can, and tells of each when it is on disk. Runs until the test that starts it kills
// it, or until the disk refuses: then it tells how the store answers from there on.
import { openStore } from "../../dist/store/lmdb-store.js";
import { table } from "../../dist/store/table.js";

const [, , folder, round, sizeBytes = "10"] = process.argv;
const store = await openStore(folder);
const scope = { account: "000000000000", region: "eu-west-1" };
const left = store.table("s", table("left"), scope);
const right = store.table("s", table("right"), scope);
const write = (n) =>
  store.transaction(() => {
    left.put([round, n], "x".repeat(Number(sizeBytes)));
    right.put([round, n], n);
  });

for (let n = 0; ; n += 2) {
  // Two at once: the second waits behind the first, and must not come to disk without it.
  write(n);
  write(n + 1);
  try {
    await store.durable();
    process.send(n + 1);
  } catch (error) {
    process.send({ durable: error.code });
    break;
  }
}
await store.durable().catch((error) => process.send({ durable: error.code }));
try {
  write(0);
} catch (error) {
  process.send({ transaction: error.code });
}
await store.close();
process.disconnect();
