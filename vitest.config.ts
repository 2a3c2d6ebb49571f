import { defineConfig } from "vitest/config";

const notOurs = ["**/node_modules/**", "**/dist/**", ".jlam/**", ".nx/**"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [...notOurs, "**/*.integration.test.ts", "tests/integration/**"],
        },
      },
      {
        test: {
          name: "integration",
          include: ["**/*.integration.test.ts"],
          exclude: notOurs,
          // One file at a time: they share one Docker engine, its ports and two processors.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          // Starting a stack from images that must first be built takes minutes.
          testTimeout: 120_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: "platform",
          include: ["tests/integration/*.test.ts", "tests/integration/{sign-in,journey}/*.test.ts"],
          exclude: notOurs,
          // The whole of environments/ci, booted once for all of these files.
          globalSetup: "tests/integration/stack/boot.ts",
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
