// Writes bodies and log lines as fast as it can, and tells of each when it is on disk. Runs until the test that starts it
// kills it, or, with sizes given, writes one of each and tells how the disk took it.
import { openBlobs } from "../../dist/store/file-blobs.js";
import { openLogSegments } from "../../dist/store/file-log-segments.js";

const [, , folder, round, ...sizesBytes] = process.argv;
const blobs = await openBlobs(`${folder}/blobs`);
const logs = await openLogSegments(`${folder}/logs`);
const line = (n, sizeBytes = 1) => ({ timestamp: 0, ingestionTime: 0, message: String(n).padStart(sizeBytes, "0") });
async function* body(sizeBytes) {
  yield Buffer.alloc(sizeBytes / 2, 1);
  yield Buffer.alloc(sizeBytes / 2, 1);
}

if (sizesBytes.length > 0) {
  for (const [n, sizeBytes] of sizesBytes.map(Number).entries()) {
    const outcome = (promise) => promise.then(() => "taken").catch((error) => error.code);
    process.send({
      line: await outcome(logs.append(round, [line(n, sizeBytes)])),
      body: await outcome(blobs.write(body(sizeBytes))),
    });
  }
  await logs.close();
  process.disconnect();
} else {
  const appendAll = async (stream) => {
    for (let n = 0; ; n++) {
      await logs.append(stream, [line(n)]);
      process.send({ stream, n });
    }
  };
  for (const name of ["a", "b"]) void appendAll(`${round}/${name}`);
  for (let sizeBytes = 2; ; sizeBytes = (sizeBytes * 2) % 3_000_000) process.send(await blobs.write(body(sizeBytes)));
}
