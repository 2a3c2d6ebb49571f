import { describe, expect, it } from "vitest";
import { resolveEnvironment } from "../../index.ts";
import { diagnose } from "../rule.ts";
import data from "./data.fixture.ts";
import hardening from "./hardening.fixture.ts";
import names from "./names.fixture.ts";
import ports from "./ports.fixture.ts";
import routes from "./routes.fixture.ts";
import standIns from "./stand-ins.fixture.ts";
import secrets from "./secrets.fixture.ts";
import startOrder from "./start-order.fixture.ts";
import { rules } from "./index.ts";

const all = [...startOrder, ...names, ...ports, ...secrets, ...hardening, ...routes, ...data, ...standIns];

describe.each(rules)("$name", (rule) => {
  const own = all.filter((control) => control.rule === rule);

  it("has a control that makes it fire, and one that doesn't", () => {
    expect(own.some(({ finds }) => finds !== undefined)).toBe(true);
    expect(own.some(({ finds }) => finds === undefined)).toBe(true);
  });

  for (const { when, environment, finds } of own) {
    it(`${finds ? "fires" : "stays silent"} when ${when}`, () => {
      const messages = diagnose(rule, resolveEnvironment(environment())).map(({ message }) => message);
      expect(messages).toEqual(finds ? [expect.stringMatching(finds)] : []);
    });
  }
});
