// The load balancers' worker beside nginx, each on a core of its own, with the same target behind both; then 50,000
// requests while targets are killed, added and drained.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "./http-load.mjs";
import { cpuSeconds, median, root } from "./trysail.mjs";

const rounds = 5;
const seconds = 3;
/** The worker's code is compiled while it runs: it is as quick as it gets after some hundred thousand requests. */
export const warmUpSeconds = 10;
const connections = 50;
const churnRequests = 50_000;
const churnEveryMs = 350;
const MiB = 1024 * 1024;

const has = (command) => spawnSync("which", [command]).status === 0;

/** Runs on one core, where the system has the command for it. */
function pinned(core, command, args, options = {}) {
  const all =
    has("taskset") && cpus().length > 1 ? ["taskset", "-c", String(core), command, ...args] : [command, ...args];
  return spawn(all[0], all.slice(1), { stdio: ["ignore", "ignore", "inherit"], ...options });
}

async function freePort(host = "127.0.0.1") {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** @param at - a port of 127.0.0.1, or a socket's path */
async function whenOpen(at) {
  for (;;) {
    const socket = typeof at === "number" ? connect(at, "127.0.0.1") : connect(at);
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const healthCheck = {
  enabled: true,
  protocol: "HTTP",
  path: "/",
  intervalMs: 5000,
  timeoutMs: 2000,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: "200",
};
const target = ({ host, port, state = "used" }) => ({
  key: `${host}:${port}`,
  zone: "us-east-1a",
  kind: "address",
  host,
  port,
  state,
});
const configOf = (port, targets) => ({
  listeners: [
    {
      arn: "listener",
      loadBalancerArn: "balancer",
      host: "127.0.0.1",
      port,
      rules: [
        { arn: "rule", conditions: [], action: { type: "forward", targetGroups: [{ arn: "group", weight: 1 }] } },
      ],
      attributes: {},
    },
  ],
  targetGroups: {
    group: {
      arn: "group",
      protocol: "HTTP",
      targets: targets.map(target),
      healthCheck,
      attributes: { "load_balancing.algorithm.type": "least_outstanding_requests" },
    },
  },
});

const worker = join(root, "packages/cloud/dist/bundle/balancer.js");

/** The worker as Trysail starts it, or another program in its place. */
export async function startBalancer(folder, targets, program = worker) {
  const port = await freePort();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(configOf(port, targets)));
  const child = pinned(0, process.execPath, [program, folder]);
  await whenOpen(port);
  return { port, child, pid: child.pid };
}

async function startNginx(folder, name, core, server) {
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${join(folder, `${name}-${kind}`)};`)
    .join(" ");
  const file = join(folder, `${name}.conf`);
  // One process, so that its CPU is all there is to count.
  await writeFile(
    file,
    `daemon off; master_process off; pid ${join(folder, `${name}.pid`)}; error_log stderr crit;
     events { worker_connections 1024; }
     http { access_log off; keepalive_requests 1000000000; ${temporary} ${server(port)} }`,
  );
  const child = pinned(core, "nginx", ["-c", file, "-p", folder]);
  await whenOpen(port);
  return { port, child, pid: child.pid };
}

const proxied = (to) => (port) =>
  `upstream target { server 127.0.0.1:${to}; keepalive 128; keepalive_requests 1000000000; }
   server { listen 127.0.0.1:${port}; location / {
     proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection "";
     proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
     proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port; } }`;

/** A target: nginx where it is installed, since nothing in Node answers as cheaply. */
export const startTarget = (folder) =>
  startNginx(
    folder,
    "target",
    1,
    (port) =>
      `server { listen 127.0.0.1:${port}; root ${folder}; location = / { return 200 "hello\\n"; } location / { } }`,
  );

/** @returns requests, seconds and p99 in ms */
async function run(url, forSeconds) {
  const args = ["-t1", `-c${connections}`, `-d${forSeconds}`, "--timeout", "30s", "--latency", url];
  const child = pinned(1, "wrk", args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (piece) => {
    text += piece;
  });
  await once(child, "close");
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`requests failed:\n${text}`);
  const [, count, took, unit] = /(\d+) requests in ([\d.]+)(s|m)/.exec(text);
  const [, p99, p99Unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(text);
  return {
    requests: Number(count),
    perSecond: Number(count) / (Number(took) * (unit === "m" ? 60 : 1)),
    p99: Number(p99) * { us: 0.001, ms: 1, s: 1000 }[p99Unit],
  };
}

export async function measured(url, pid, forSeconds = seconds) {
  const before = pid === undefined ? 0 : cpuSeconds(pid);
  const result = await run(url, forSeconds);
  const cpu = pid === undefined ? Number.NaN : ((cpuSeconds(pid) - before) * 1e6) / result.requests;
  return { ...result, cpu };
}

async function besideNginx(folder) {
  const started = [];
  const start = async (starting) => {
    const one = await starting;
    started.push(one.child);
    return one;
  };
  try {
    const behind = await start(startTarget(folder));
    await writeFile(join(folder, "large"), Buffer.alloc(MiB, "x"));
    const nginx = await start(startNginx(folder, "proxy", 0, proxied(behind.port)));
    const targets = [{ host: "127.0.0.1", port: behind.port }];
    const own = await start(startBalancer(join(folder, "worker"), targets));
    return await compared({ behind, nginx, own });
  } finally {
    for (const child of started) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  }
}

async function compared({ behind, nginx, own }) {
  const rows = [];
  for (const [what, path] of [
    [`GET, ${connections} connections`, "/"],
    [`GET 1 MiB, ${connections} connections`, "/large"],
  ]) {
    const seen = { direct: [], nginx: [], own: [] };
    for (const port of [nginx.port, own.port])
      await measured(`http://127.0.0.1:${port}${path}`, undefined, warmUpSeconds);
    for (let round = 0; round < rounds; round++) {
      const direct = await measured(`http://127.0.0.1:${behind.port}${path}`);
      const theirs = await measured(`http://127.0.0.1:${nginx.port}${path}`, nginx.pid);
      const ours = await measured(`http://127.0.0.1:${own.port}${path}`, own.pid);
      seen.direct.push(direct);
      seen.nginx.push(theirs);
      seen.own.push(ours);
    }
    const of = (who, key) => median(seen[who].map((one) => one[key]));
    const ratio = (key) => median(seen.own.map((one, round) => one[key] / seen.nginx[round][key])).toFixed(2);
    const round = (number) => Math.round(number).toLocaleString("en");
    rows.push(
      {
        what: `${what}: requests/s`,
        trysail: round(of("own", "perSecond")),
        nginx: round(of("nginx", "perSecond")),
        direct: round(of("direct", "perSecond")),
        "trysail / nginx": ratio("perSecond"),
      },
      {
        what: `${what}: CPU µs/request`,
        trysail: of("own", "cpu").toFixed(1),
        nginx: of("nginx", "cpu").toFixed(1),
        direct: "",
        "trysail / nginx": ratio("cpu"),
      },
      {
        what: `${what}: p99 ms`,
        trysail: of("own", "p99").toFixed(1),
        nginx: of("nginx", "p99").toFixed(1),
        direct: of("direct", "p99").toFixed(1),
        "trysail / nginx": ratio("p99"),
      },
    );
  }
  return rows;
}

/** Tells the worker over its socket, as Trysail does. */
async function control(folder) {
  const file = join(folder, "control.sock");
  await whenOpen(file);
  const socket = connect(file);
  await once(socket, "connect");
  let text = "";
  let health = [];
  const waiting = new Set();
  socket.on("data", (piece) => {
    const lines = `${text}${piece.toString()}`.split("\n");
    text = lines.pop();
    for (const line of lines) {
      const message = JSON.parse(line);
      if (message.type === "health") health = message.targets;
    }
    for (const check of waiting) check();
  });
  let number = 0;
  return {
    apply: (config) => socket.write(`${JSON.stringify({ type: "apply", number: ++number, config })}\n`),
    exited: (host) => socket.write(`${JSON.stringify({ type: "exited", host })}\n`),
    until: (isSo) =>
      new Promise((resolve) => {
        const check = () => {
          if (!isSo(health)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () => socket.destroy(),
  };
}

const appFile = fileURLToPath(new URL("churn-app.mjs", import.meta.url));

/** Targets that are killed, added and drained in turn, while requests are sent. */
async function churn(folder) {
  const own = await startBalancer(folder, []);
  const told = await control(folder);
  const running = new Map();
  let lastHost = 0;
  const apply = () => told.apply(configOf(own.port, [...running.values()]));
  const add = async () => {
    // Linux has all of 127.0.0.0/8; elsewhere ports tell targets apart.
    const host =
      process.platform === "linux" ? `127.77.${(lastHost >> 8) & 255}.${(lastHost++ % 250) + 1}` : "127.0.0.1";
    const port = await freePort(host);
    const child = spawn(process.execPath, [appFile, String(port), host], { stdio: "ignore" });
    const one = { host, port, child, state: "used" };
    const key = `${host}:${port}`;
    running.set(key, one);
    child.once("exit", () => {
      if (running.get(key)?.state === "used") told.exited(host);
      running.delete(key);
      apply();
    });
    apply();
    await told.until((health) => health.some((seen) => seen.target === key && seen.state === "healthy"));
  };
  const used = () => [...running.values()].filter(({ state }) => state === "used");
  const steps = {
    async kill() {
      used()[0]?.child.kill("SIGKILL");
      await add();
    },
    add,
    async drain() {
      const [one] = used();
      if (one === undefined || used().length < 3) return;
      one.state = "draining";
      apply();
      const key = `${one.host}:${one.port}`;
      await told.until((health) =>
        health.some((seen) => seen.target === key && seen.state === "draining" && seen.inFlight === 0),
      );
      one.child.kill("SIGTERM");
    },
  };
  await Promise.all([add(), add(), add(), add()]);
  const counts = { kill: 0, add: 0, drain: 0 };
  const over = new AbortController();
  const churning = (async () => {
    for (let step = 0; !over.signal.aborted; step++) {
      const name = ["kill", "drain", "add", "kill", "drain"][step % 5];
      const pause = new Promise((resolve) => setTimeout(resolve, churnEveryMs));
      await steps[name]();
      counts[name]++;
      await pause;
    }
  })();
  const { failed, statuses } = await load({ port: own.port, connections, requests: churnRequests, path: "/work" });
  over.abort();
  await churning;
  told.close();
  for (const { child } of running.values()) child.kill("SIGKILL");
  own.child.kill("SIGTERM");
  await once(own.child, "exit");
  return { failed, statuses, counts };
}

/** @returns rows of the table */
export async function measureBalancer() {
  const folder = await mkdtemp(join(tmpdir(), "trysail-bench-"));
  try {
    const missing = ["nginx", "wrk"].filter((command) => !has(command));
    const rows =
      missing.length === 0
        ? await besideNginx(folder)
        : [
            {
              what: `beside nginx: not measured, ${missing.join(" and ")} not installed`,
              trysail: "",
              nginx: "",
              direct: "",
              "trysail / nginx": "",
            },
          ];
    const { failed, statuses, counts } = await churn(join(folder, "churn"));
    const did = Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
    rows.push({
      what: `failed of ${churnRequests.toLocaleString("en")} GET while targets change (${did})`,
      trysail: `${failed}${failed === 0 ? "" : ` ${JSON.stringify(statuses)}`}`,
      nginx: "",
      direct: "",
      "trysail / nginx": "",
    });
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
