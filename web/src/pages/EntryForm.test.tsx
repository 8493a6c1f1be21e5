// What the two entry forms ask for.

import "../../dev/messages";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { EntryForm } from "./EntryForm";

const form = (isNew: boolean) =>
  renderToStaticMarkup(
    <EntryForm isNew={isNew} submit="Go" error={null} busy={false} onSubmit={() => {}} />,
  );

test("signing in asks for email and password, and lets any length pass to the server", () => {
  const html = form(false);
  expect(html.match(/autoComplete="[^"]*"/gi)).toEqual([
    'autoComplete="username"',
    'autoComplete="current-password"',
  ]);
  expect(html).not.toContain("minLength");
});

test("setting up also asks for a name, within the server's limits", () => {
  const html = form(true);
  expect(html.match(/autoComplete="[^"]*"/gi)).toEqual([
    'autoComplete="name"',
    'autoComplete="username"',
    'autoComplete="new-password"',
  ]);
  expect(html).toContain('maxLength="100"');
  expect(html).toContain('minLength="8"');
});
