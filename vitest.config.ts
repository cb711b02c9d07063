import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["trysail-source"] },
  ssr: { resolve: { conditions: ["trysail-source"], externalConditions: ["trysail-source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // The SDK tells each process that it will need a newer Node in 2027.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
