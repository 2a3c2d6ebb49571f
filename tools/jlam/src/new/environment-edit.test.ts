import { describe, expect, it } from "vitest";
import { addDependency, addToEnvironment, type Addition } from "./environment-edit.ts";

const addition: Addition = { name: "notes", identifier: "notes", database: true };

const written = (stacks: string): string => `import { environment } from "@jlam/compose-dsl";
import { postgresContainer } from "@jlam/postgres";
import web, { database } from "@jlam/web/stack";
import lock from "./images.lock.json" with { type: "json" };

export default environment("local", {
  stacks: ${stacks},
  provides: [
    postgresContainer(database, { memory: "512M", cpus: 1 }),
    signIn,
  ],
});
`;

function edited(text: string, change = addition): readonly string[] {
  const result = addToEnvironment(text, change);
  if (typeof result !== "string") throw new Error(result.missing);
  return result.split("\n");
}

describe("addToEnvironment", () => {
  it("puts the import where the alphabet has it", () => {
    expect(edited(written("[web]")).slice(0, 2)).toEqual([
      'import { environment } from "@jlam/compose-dsl";',
      'import notes, { database as notesDatabase } from "@jlam/notes/stack";',
    ]);
  });

  it("puts an import that comes last before those of files", () => {
    const zoo = { name: "zoo", identifier: "zoo", database: true };
    expect(edited(written("[web]"), zoo)[3]).toBe('import zoo, { database as zooDatabase } from "@jlam/zoo/stack";');
  });

  it("adds the stack to a list on one line", () => {
    expect(edited(written("[web]"))).toContain("  stacks: [web, notes],");
  });

  it("adds the stack behind one that is made with a list of its own", () => {
    expect(edited(written("[web, backup({ applications: [recovery] })]"))).toContain("  stacks: [web, backup({ applications: [recovery] }), notes],");
  });

  it("adds the stack to a list of one on each line", () => {
    const lines = edited(written("[\n    edge,\n    web,\n  ]"));
    expect(lines.slice(lines.indexOf("  stacks: ["), lines.indexOf("  provides: ["))).toEqual(["  stacks: [", "    edge,", "    web,", "    notes,", "  ],"]);
  });

  it("provides the database after the others", () => {
    const lines = edited(written("[web]"));
    expect(lines[lines.indexOf('    postgresContainer(database, { memory: "512M", cpus: 1 }),') + 1]).toBe(
      '    postgresContainer(notesDatabase, { memory: "256M", cpus: 0.5 }),',
    );
  });

  it("provides nothing for a stack without a database", () => {
    expect(edited(written("[web]"), { ...addition, database: false }).join("\n")).not.toContain("notesDatabase");
  });

  it("edits nothing where databases are managed", () => {
    expect(addToEnvironment(written("[web]").replace("postgresContainer(database", "managedPostgres(database"), addition)).toMatchObject({
      missing: expect.stringContaining("postgresContainer"),
    });
  });

  it("edits nothing where the stacks are written otherwise", () => {
    expect(addToEnvironment(written("all"), addition)).toMatchObject({ missing: expect.stringContaining("stacks") });
  });
});

describe("addDependency", () => {
  it.each([
    ['{ "dependencies": { "@jlam/web": "*" } }', '{ "dependencies": { "@jlam/web": "*", "@jlam/notes": "*" } }'],
    ['{\n  "dependencies": {\n    "@jlam/web": "*"\n  }\n}', '{\n  "dependencies": {\n    "@jlam/web": "*",\n    "@jlam/notes": "*"\n  }\n}'],
    ['{ "dependencies": {} }', '{ "dependencies": { "@jlam/notes": "*" } }'],
  ])("keeps the style of %s", (before, after) => {
    expect(addDependency(before, "notes")).toBe(after);
  });

  it("edits nothing without dependencies", () => {
    expect(addDependency("{}", "notes")).toEqual({ missing: '"dependencies"' });
  });
});
