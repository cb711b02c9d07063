// GET requests over keep-alive connections, of which each one is counted: what was answered with 200, and what was not.
import { connect } from "node:net";

const answer = /^HTTP\/1\.1 (\d{3}) [\s\S]*?content-length: (\d+)[\s\S]*?\r\n\r\n/i;

/** @returns how many were not answered with 200, and with what */
export async function load({ port, connections, requests, path }) {
  const statuses = {};
  let started = 0;
  let done = 0;
  let finish;
  const finished = new Promise((resolve) => {
    finish = resolve;
  });
  const count = (status) => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (++done === requests) finish();
  };
  const open = () => {
    if (started >= requests) return;
    const socket = connect(port, "127.0.0.1");
    let text = "";
    let isWaiting = false;
    const next = () => {
      if (started >= requests) return socket.destroy();
      started++;
      isWaiting = true;
      socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    };
    socket.once("connect", next);
    socket.on("data", (piece) => {
      text += piece.toString("latin1");
      const head = answer.exec(text);
      if (head === null || text.length < head[0].length + Number(head[2])) return;
      text = "";
      isWaiting = false;
      count(head[1]);
      next();
    });
    socket.on("error", () => {});
    socket.once("close", () => {
      if (isWaiting) count("broken off");
      open();
    });
  };
  for (let index = 0; index < connections; index++) open();
  await finished;
  const { 200: succeeded = 0, ...others } = statuses;
  return { failed: requests - succeeded, statuses: others };
}
