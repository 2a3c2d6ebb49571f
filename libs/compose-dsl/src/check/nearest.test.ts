import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

describe("nearest", () => {
  it("finds a name with a letter too few", () => {
    expect(nearest("htp", ["metrics", "http"])).toBe("http");
  });

  it("finds a name with two letters swapped", () => {
    expect(nearest("databsae", ["database", "sessions"])).toBe("database");
  });

  it("finds a short name with two letters swapped", () => {
    expect(nearest("wbe", ["api", "web"])).toBe("web");
  });

  it("takes the closest of several", () => {
    expect(nearest("webb", ["webs", "web", "wobbe"])).toBe("webs");
  });

  it("finds nothing where more than a third differs", () => {
    expect(nearest("sessions", ["database"])).toBeUndefined();
  });

  it("finds nothing among no names", () => {
    expect(nearest("web", [])).toBeUndefined();
  });
});
