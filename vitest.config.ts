import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["trysail-source"] },
  ssr: { resolve: { conditions: ["trysail-source"], externalConditions: ["trysail-source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
