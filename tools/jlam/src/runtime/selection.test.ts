import { describe, expect, test } from "vitest";
import { example, exampleService } from "./example.fixture.ts";
import { leaveOut, servicesOf } from "./selection.ts";

const names = (services: readonly { readonly name: string }[]) => services.map(({ name }) => name);

describe("servicesOf", () => {
  test("takes everything without names", () => {
    expect(names(servicesOf(example, [])).sort()).toEqual(["beside", "db", "extra", "migrate", "stand-in", "web"]);
  });

  test("takes a stack with what it waits for, in other stacks too", () => {
    expect(names(servicesOf(example, ["site"]))).toEqual(["db", "migrate", "web"]);
  });

  test("suggests the nearest name for an unknown stack", () => {
    expect(() => servicesOf(example, ["sit"])).toThrow(expect.objectContaining({ fix: 'Did you mean "site"?' }));
  });
});

describe("leaveOut", () => {
  test("leaves out a service whose image is missing, with the reason, and turns on the profiles of the others", () => {
    const selection = leaveOut([...example.services.values()], new Map([["extra", "no registry answers"]]));
    expect(selection.leftOut).toEqual([{ service: "extra", image: "extra", reason: "no registry answers", standIn: undefined }]);
    expect(selection.profiles).toEqual(["beside"]);
    expect(names(selection.services)).not.toContain("extra");
  });

  test("starts a stand-in only where somebody is left out for whom it stands in, and says for whom", () => {
    const services = [...example.services.values()];
    expect(leaveOut(services, new Map([["beside", "no registry answers"]]))).toMatchObject({ leftOut: [{ service: "beside", standIn: "stand-in" }], idle: [], profiles: ["extra", "stand-in"] });
    expect(leaveOut(services, new Map([["extra", "no registry answers"]]))).toMatchObject({ leftOut: [{ service: "extra", standIn: undefined }], idle: ["stand-in"], profiles: ["beside"] });
  });

  test("refuses to leave out a service that has no profile", () => {
    expect(() => leaveOut([exampleService("web")], new Map([["web", "no registry answers"]]))).toThrow(/"web" can't run here/);
  });
});
