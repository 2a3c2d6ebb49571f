/** What every part of the tests starts from: the booted environment and its administrator. */
import { randomBytes } from "node:crypto";
import { openBrowser, type Browser } from "./browser.ts";
import type { Administrator, Person } from "./people.ts";
import type { Platform } from "./platform.ts";

export interface Running {
  readonly platform: Platform;
  readonly administrator: Administrator;
}

/** Known once the environment has been booted, so only inside tests. */
export type Given = () => Running;

export interface NewPerson extends Person {
  readonly email: string;
  readonly name: string;
}

/** Somebody whose name nobody else has, and can be searched for. */
export function newPerson(): NewPerson {
  const mark = randomBytes(6).toString("hex");
  return { username: `person-${mark}`, password: `Geheim-${mark}-woord`, email: `mail-${mark}@example.org`, name: `Naam ${mark}` };
}

export interface Member {
  readonly person: NewPerson;
  readonly pk: number;
  /** By which applications know them. */
  readonly uuid: string;
}

/** A new account in these groups. */
export async function memberOf(given: Given, groups: readonly string[]): Promise<Member> {
  const person = newPerson();
  return { person, ...(await given().administrator.makeAccount(person, groups)) };
}

export const browserOf = (given: Given): Browser => openBrowser(given().platform.authority);
