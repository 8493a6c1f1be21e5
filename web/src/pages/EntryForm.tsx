// The form of signing in and of setting up: who somebody is, and the button. Setting up also asks
// for a name and says what a password must be.

import { type FormEvent, useState } from "react";
import { NAME_CHARS_MAX, PASSWORD_CHARS_MIN } from "../api/limits";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { Field, FormError } from "../ui/Field";

export interface Entry {
  email: string;
  password: string;
  /** Left out when nothing was typed, and when signing in. */
  name?: string;
  /** Of the second factor; left out until it is asked for. */
  code?: string;
}

export function EntryForm({
  isNew,
  asksCode = false,
  submit,
  error,
  busy,
  disabled = false,
  onSubmit,
}: {
  /** A new account is made; otherwise an existing one is used. */
  isNew: boolean;
  /** The account has a second factor. */
  asksCode?: boolean;
  submit: string;
  error: Error | null;
  busy: boolean;
  disabled?: boolean;
  onSubmit: (entry: Entry) => void;
}) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const onForm = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({
      email,
      password,
      ...(name.trim() && { name: name.trim() }),
      ...(asksCode && { code: code.trim() }),
    });
  };
  return (
    <form onSubmit={onForm} className="flex flex-col gap-4">
      <FormError error={error} />
      {isNew && (
        <Field
          label={t("field.name")}
          autoComplete="name"
          maxLength={NAME_CHARS_MAX}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <Field
        label={t("field.email")}
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Field
        label={t("field.password")}
        type="password"
        autoComplete={isNew ? "new-password" : "current-password"}
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        {...(isNew && {
          minLength: PASSWORD_CHARS_MIN,
          hint: t("field.passwordHint", { min: PASSWORD_CHARS_MIN }),
        })}
      />
      {asksCode && (
        <Field
          label={t("login.code")}
          hint={t("login.codeHint")}
          autoComplete="one-time-code"
          required
          autoFocus
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      )}
      <Button type="submit" variant="primary" size="lg" busy={busy} disabled={disabled}>
        {submit}
      </Button>
    </form>
  );
}
