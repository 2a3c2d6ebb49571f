import { describe, expect, it } from "vitest";
import { isLiteralSecret, isSecretName, randomPart, secretFormat } from "./secret-text.ts";

describe("isSecretName", () => {
  it.each(["PASSWORD", "DB_PASSWORD", "requirepass", "SECRET", "API_KEY", "apikey", "SESSION_KEY", "smtp.password", "AUTH_TOKEN", "SENTRY_DSN"])("knows %s", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each(["PASSWORD_FILE", "TOKEN_URL", "KEY", "MONKEY", "PUBLIC_KEY", "SECRETS_DIRECTORY", "PASSWORD_MIN_LENGTH", "TOKENIZER", "COMPASS"])("lets %s pass", (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe("isLiteralSecret", () => {
  it.each(["", "/run/secrets/KEY", "file:///run/secrets/KEY", "./key", "true", "false"])("lets %j pass", (value) => {
    expect(isLiteralSecret(value)).toBe(false);
  });

  it("takes anything else for the secret itself", () => {
    expect(isLiteralSecret("welkom01")).toBe(true);
  });
});

describe("secretFormat", () => {
  it.each([
    ["-----BEGIN OPENSSH PRIVATE KEY-----", "a private key (PEM)"],
    [`AGE-SECRET-KEY-1${"Q".repeat(58)}`, "an age key"],
    ["AKIAIOSFODNN7EXAMPLE", "an AWS access key"],
    [`ghp_${"a1B2".repeat(9)}`, "a GitHub token"],
    [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${"x".repeat(20)}`, "a signed token (JWT)"],
    ["SCRAM-SHA-256$4096:c2FsdA==$x:y", "a password hash"],
    ["redis://:geheim@cache:6379", "a URL with a password"],
  ])("recognises %s", (text, what) => {
    expect(secretFormat(text)).toBe(what);
  });

  it.each([
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "https://auth.example.org:9443/path",
    "postgres://app@database:5432/app",
    "Host(`jlam.nl`) && PathPrefix(`/$1`)",
    "smtp://mail:25,smtp://relay@mail:25",
    "http://web:3000 http://user@web",
  ])("lets %s pass", (text) => {
    expect(secretFormat(text)).toBeUndefined();
  });
});

describe("randomPart", () => {
  it.each(["k8Qz3vXw1Tn7RbY5mJ2pLs9D", "9f2c4e7a1b8d3f6059c2e4a7b1d8f360", "--salt=k8Qz3vXw1Tn7RbY5mJ2pLs9D"])("finds it in %s", (text) => {
    expect(randomPart(text)).toBeDefined();
  });

  it.each([
    "docker.io/library/postgres:17.7@sha256:9f2c4e7a1b8d3f6059c2e4a7b1d8f3606f2c4e7a1b8d3f6059c2e4a7b1d8f360",
    "0123456789012345678901234567890123456789",
    "8843d7f92416211de9ebb963ff4ce28125932878",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "/docker-entrypoint-initdb.d/10-roles.sql",
    "x509IgnoreCommonNameAndVerifyDnsNames",
    "-allowGET=/_ping|/v1\\.[0-9]+/(version|events|containers/json)",
    "--storage.tsdb.retention.time=35d",
    "2026-11-22T02:13:29.123456789Z",
    "550e8400-e29b-41d4-a716-446655440000",
  ])("finds nothing in %s", (text) => {
    expect(randomPart(text)).toBeUndefined();
  });
});
