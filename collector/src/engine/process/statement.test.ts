import { describe, expect, it } from "vitest";
import { EngineError } from "./errors.ts";
import { tokens } from "./lexer.ts";
import { insertHead, outputFormat, shapeOf } from "./statement.ts";

const codeOf = (work: () => unknown): number | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof EngineError ? error.code : -1;
  }
};

describe("the lexer", () => {
  it.each([
    ["SELECT 1", ["select", "1"]],
    ["a -- b\nc # d\ne /* f\n g */ h", ["a", "c", "e", "h"]],
    ["'it''s' 'a\\'b' \"q\" `w`", ["it''s", "a\\'b", "q", "w"]],
    ["1.5e3 + a.b", ["1", ".", "5", "e3", "+", "a", ".", "b"]],
    ['`a``b` `c\\`d` "e""f"', ["a`b", "c`d", 'e"f']],
    ["'open", ["ope"]],
    ["/* open", []],
  ])("cuts %j", (sql, texts) => {
    expect([...tokens(sql)].map((token) => token.text)).toEqual(texts);
  });
});

describe("the head of an INSERT", () => {
  it.each([
    ["INSERT INTO t FORMAT JSONEachRow", "INSERT INTO t", "", "JSONEachRow", ""],
    [
      "/* x */ insert into db.t (a, `b.c`)\nformat native\n",
      "/* x */ insert into db.t (a, `b.c`)",
      "",
      "Native",
      "\n",
    ],
    [
      "INSERT INTO t SETTINGS a = 1, b = 'x' FORMAT CSV 1,2",
      "INSERT INTO t",
      "SETTINGS a = 1, b = 'x'",
      "CSV",
      " 1,2",
    ],
    ["INSERT INTO t VALUES (1);", "INSERT INTO t", "", "Values", " (1);"],
    ["INSERT INTO t (* EXCEPT (a)) FORMAT RowBinary", "INSERT INTO t (* EXCEPT (a))", "", "RowBinary", ""],
    ["INSERT INTO t -- VALUES\nVALUES (2)", "INSERT INTO t -- VALUES", "", "Values", " (2)"],
    ["INSERT INTO t (format, values) FORMAT TSV\n", "INSERT INTO t (format, values)", "", "TSV", "\n"],
    ["INSERT INTO d.format FORMAT TSV", "INSERT INTO d.format", "", "TSV", ""],
  ])("of %j", (sql, target, settings, format, data) => {
    const head = insertHead(sql)!;
    expect({
      target: head.target,
      settings: head.settings,
      format: head.format,
      data: sql.slice(head.dataAt),
    }).toEqual({
      target,
      settings,
      format,
      data,
    });
  });

  it.each([
    "SELECT 1",
    "INSERT INTO t SELECT 1 FORMAT CSV",
    "INSERT INTO t (a) WITH 1 AS x SELECT x",
    "INSERT INTO t (SELECT 1)",
    "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
    "",
  ])("is none in %j", (sql) => {
    expect(insertHead(sql)).toBeUndefined();
  });

  it.each([
    ["INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", 497],
    ["INSERT INTO t (a)/**/FROM/**/INFILE '/etc/passwd' SELECT 1", 497],
    ["INSERT INTO t FORMAT Template", 73],
    ["INSERT INTO t FORMAT Protobuf", 73],
    ["INSERT INTO t", 62],
  ])("is refused: %j", (sql, code) => {
    expect(codeOf(() => insertHead(sql))).toBe(code);
  });
});

describe("the shape of a statement", () => {
  it.each([
    ["SELECT 1 FORMAT JSON", "JSON", true],
    ["SELECT number FROM numbers(3)\nFORMAT jsoneachrow", "JSONEachRow", true],
    ["SELECT format FROM t", undefined, true],
    ["SELECT format('{}', a) FROM t", undefined, true],
    ["SELECT (SELECT count() FROM t)", undefined, false],
    ["WITH x AS (SELECT 1) SELECT * FROM x", undefined, false],
    ["SELECT 'FORMAT JSON'", undefined, true],
    ["EXPLAIN SELECT 1", undefined, false],
    ["SELECT 1 UNION ALL SELECT 2", undefined, false],
    ["SHOW TABLES FORMAT CSV", "CSV", false],
  ])("of %j", (sql, format, flat) => {
    expect(shapeOf(sql)).toEqual({ format, flat });
  });

  it.each([
    "SELECT file('/etc/passwd')",
    "SELECT FILE ('/etc/passwd')",
    "SELECT `file`\n/* x */('/etc/passwd')",
    "SELECT count() FROM t WHERE a IN (SELECT \"file\"('x'))",
    "SELECT catboostEvaluate('/etc/passwd', 1)",
    "SELECT * APPLY(file) FROM (SELECT '/etc/passwd' AS a)",
    "SELECT * APPLY file FROM (SELECT '/etc/passwd' AS a)",
    "SELECT arrayMap(file, ['/etc/passwd'])",
    "SELECT \u201cfile\u201d('/etc/passwd')",
    "SELECT `fi\\x6ce`('/etc/passwd')",
    "SELECT a$x$, file('/etc/passwd') AS b$x$ FROM (SELECT 1 AS a$x$)",
    "SELECT 1\u200b, file\u200b('/etc/passwd')",
    "SELECT 1\0, file('/etc/passwd')",
    "SELECT 1file('/etc/passwd')",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT 1 INTO OUTFILE 'x'",
    "SELECT 1 FORMAT Template",
  ])("is refused: %s", (sql) => {
    expect(codeOf(() => shapeOf(sql))).toBe(497);
  });

  it("lets the word stand where it is no function", () => {
    expect(shapeOf("SELECT `target.file`, log.file, t.`file`, 'file(ü)' FROM t").flat).toBe(true);
  });
});

it("refuses a parameter that would become the name of a function, and only such", () => {
  const sql = "SELECT arrayMap({f:Identifier}, ['/etc/passwd'])";
  expect(codeOf(() => shapeOf(sql, ["x", " FILE "]))).toBe(497);
  expect(codeOf(() => shapeOf(sql, ["lower"]))).toBeUndefined();
  expect(codeOf(() => shapeOf("SELECT {f:String}", ["file"]))).toBeUndefined();
});

describe("an output format", () => {
  it("is known by any case and refused when it reads files", () => {
    expect(outputFormat("tsv")).toBe("TSV");
    expect(codeOf(() => outputFormat("Template"))).toBe(73);
  });
});
