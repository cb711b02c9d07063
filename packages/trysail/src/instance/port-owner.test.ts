import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { listeningInodes, portOwner } from "./port-owner.ts";

describe("who has a port", () => {
  it("is read from the kernel's table: the sockets that listen on it, on any address", () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 555 1 0 100 0 0 10 0
   1: 00000000:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 666 1 0 100 0 0 10 0
   2: 0100007F:11D6 0100007F:8888 01 00000000:00000000 00:00000000 00000000  1000        0 777 1 0 100 0 0 10 0
   3: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 888 1 0 100 0 0 10 0
`;
    expect(listeningInodes(table, 4566)).toEqual(["555", "666"]);
  });

  it("is this process for a port that it listens on, and nobody afterwards", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await portOwner(port)).toMatchObject({ pid: process.pid });
    await new Promise((resolve) => server.close(resolve));
    expect(await portOwner(port)).toBeUndefined();
  });
});
