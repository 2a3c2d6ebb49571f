import { describe, expect, test } from "vitest";
import { connectionLimits, databaseName, databaseRoles } from "./roles.ts";

describe("the name of a database", () => {
  test.each(["app", "auth", "a_1"])("%s is accepted", (name) => {
    expect(databaseName(name)).toBe(name);
  });

  test.each(["", "App", "1app", "app-db", 'app"; DROP ROLE x; --', "a".repeat(41)])("%j is refused", (name) => {
    expect(() => databaseName(name)).toThrow("can't be the name of a database");
  });
});

describe("the roles of a database", () => {
  const roles = databaseRoles(databaseName("app"), 51);

  test("are named after the database", () => {
    expect(roles.map((role) => role.name)).toEqual(["app_owner", "app_application", "app_monitoring", "app_backup"]);
  });

  test("only the backup looks past row-level security", () => {
    expect(roles.filter((role) => role.bypassRowSecurity).map((role) => role.kind)).toEqual(["backup"]);
  });

  test("whoever does the daily work gets what the others leave", () => {
    expect(connectionLimits(51)).toEqual({ owner: 41, application: 41, monitoring: 2, backup: 3 });
  });

  test("too few connections to divide are refused", () => {
    expect(() => connectionLimits(11)).toThrow("12 is the least");
  });
});
