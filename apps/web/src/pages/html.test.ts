import { expect, test } from "vitest";

import { html } from "./html.ts";

test("text is escaped, so that it can't end an attribute or begin an element", () => {
  expect(html`<a title="${`"><script>'&`}">x</a>`.markup).toBe('<a title="&quot;&gt;&lt;script&gt;&#39;&amp;">x</a>');
});

test("HTML inside HTML is not escaped again", () => {
  expect(html`<ul>${["a", "<b>"].map((item) => html`<li>${item}</li>`)}</ul>`.markup).toBe("<ul><li>a</li><li>&lt;b&gt;</li></ul>");
});

test("nothing is left out, but zero is written", () => {
  expect(html`<p>${undefined}${0}</p>`.markup).toBe("<p>0</p>");
});

test("an object that only looks like a string can't be put into a page", () => {
  // @ts-expect-error a value that is neither text nor HTML
  const wrong = () => html`<p>${new Date()}</p>`;
  expect(wrong).toThrow();
});
