import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, durationText, environmentText, fileMode, literal, milliseconds, sizeText, variable } from "./value.ts";

/** Interpolation as the Compose specification tells it, for one variable that is unset. */
function interpolated(text: string): string {
  return text.replace(/\$(?:(\$)|\{[A-Za-z_]\w*:-((?:[^}$]|\$\$)*)\}|\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)/g, (_all, dollar, fallback) =>
    dollar ?? (fallback === undefined ? "" : interpolated(fallback)),
  );
}

const anyText = fc.oneof(fc.string(), fc.stringMatching(/^[$ab{}:-]{0,12}$/));

describe("literal", () => {
  it("doubles every dollar", () => {
    expect(literal("$a $$b ${c}")).toBe("$$a $$$$b $${c}");
  });

  it("comes back unchanged from Compose's interpolation, whatever the text", () => {
    fc.assert(fc.property(anyText, (text) => interpolated(literal(text)) === text));
  });

  it("is needed: unescaped text loses its variables", () => {
    expect(interpolated("pa$word")).toBe("pa");
  });
});

describe("variable", () => {
  it("names the variable and what it is without one", () => {
    expect(variable("JLAM_IMAGE_WEB", "web:1.2")).toBe("${JLAM_IMAGE_WEB:-web:1.2}");
  });

  it("gives its fallback literally", () => {
    fc.assert(fc.property(anyText.filter((text) => !text.includes("}")), (text) => interpolated(variable("A", text)) === text));
  });

  it("refuses a name that a shell couldn't set", () => {
    expect(() => variable("9-a", "x")).toThrow('"9-a" can\'t be a variable');
  });

  it("refuses a fallback that would end the expression", () => {
    expect(() => variable("A", "{}")).toThrow('has a "}"');
  });
});

describe("environmentText", () => {
  it.each([[true, "true"], [1.5, "1.5"], ["a$b", "a$$b"]])("makes text of %j", (value, text) => {
    expect(environmentText(value)).toBe(text);
  });
});

describe("milliseconds", () => {
  it.each([
    ["500ms", 500], ["90s", 90_000], ["1m30s", 90_000], ["1.5h", 5_400_000], ["2d", 172_800_000], ["1w", 604_800_000],
    ["2000us", 2], ["0s", 0],
  ])("reads %s", (text, expected) => {
    expect(milliseconds(text)).toBe(expected);
  });

  it.each(["", "10", "s", "-1s", "1 s", "1m 30s", "1y", "1s!"])("refuses %j", (text) => {
    expect(() => milliseconds(text)).toThrow("is not a duration");
  });

  it("refuses what a millisecond can't hold", () => {
    expect(() => milliseconds("1us")).toThrow("finer than a millisecond");
  });
});

describe("durationText", () => {
  it.each([
    [0, "0s"], [500, "500ms"], [1500, "1.5s"], ["90s", "1m30s"], ["1h", "1h0m0s"], ["1d", "24h0m0s"], [61_001, "1m1.001s"],
  ])("writes %s as %s", (duration, text) => {
    expect(durationText(duration)).toBe(text);
  });

  it("is read back as the same duration", () => {
    fc.assert(fc.property(fc.nat({ max: 10 ** 12 }), (value) => milliseconds(durationText(value)) === value));
  });

  it.each([-1, 0.5, Number.NaN])("refuses %d milliseconds", (value) => {
    expect(() => durationText(value)).toThrow("is not a duration");
  });
});

describe("bytes", () => {
  it.each([
    ["512M", 536_870_912], ["1MB", 1_048_576], ["1MiB", 1_048_576], ["64k", 65_536], ["1.5g", 1_610_612_736], ["1024", 1024], ["10b", 10],
  ])("reads %s 1024-based", (size, expected) => {
    expect(bytes(size)).toBe(expected);
  });

  it.each(["", "M", "-1", "1.3", "1 2", "5x"])("refuses %j", (size) => {
    expect(() => bytes(size)).toThrow("is not a size");
  });
});

describe("sizeText", () => {
  it.each([[536_870_912, "512M"], ["1024M", "1G"], [1000, "1000"], [0, "0"], [1024, "1K"]])("writes %s as %s", (size, text) => {
    expect(sizeText(size)).toBe(text);
  });

  it("is read back as the same size", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (size) => bytes(sizeText(size)) === size));
  });
});

describe("fileMode", () => {
  it.each([0, 0o444, 0o7777])("gives %d as it is", (mode) => {
    expect(fileMode(mode)).toBe(mode);
  });

  it.each([-1, 0.5, 0o10000])("refuses %d", (mode) => {
    expect(() => fileMode(mode)).toThrow("is not a file mode");
  });
});
