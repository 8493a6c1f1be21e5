// Becoming a member by a one-time link: name and password are chosen here.

import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { NewPasswordField } from "../account/NewPasswordField";
import { account } from "../api/account";
import { useChange, useInvitation } from "../api/accountHooks";
import { NAME_CHARS_MAX } from "../api/limits";
import { t } from "../i18n/t";
import { linkToken } from "../state/linkToken";
import { useTitle } from "../state/title";
import { Button } from "../ui/Button";
import { Field, FormError } from "../ui/Field";
import { EntryFrame } from "./EntryFrame";

export function JoinPage() {
  useTitle(t("join.title"));
  const [, navigate] = useLocation();
  const [token] = useState(linkToken);
  const invitation = useInvitation(token);
  const join = useChange(account.join, ["session"]);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { token, password, ...(name.trim() && { name: name.trim() }) };
    join.mutate(body, { onSuccess: () => navigate("/") });
  };
  const invited = invitation.data;
  const error = token === "" ? new Error(t("link.none")) : (invitation.error ?? join.error);
  return (
    <EntryFrame
      title={t("join.title")}
      {...(invited && {
        text: t("join.text", { email: invited.email, role: t(`role.${invited.role}`) }),
      })}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormError error={error} />
        <input type="hidden" autoComplete="username" value={invited?.email ?? ""} readOnly />
        <Field
          label={t("field.name")}
          autoComplete="name"
          maxLength={NAME_CHARS_MAX}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <NewPasswordField value={password} onChange={setPassword} />
        <Button type="submit" variant="primary" size="lg" busy={join.isPending} disabled={!invited}>
          {t("join.submit")}
        </Button>
      </form>
    </EntryFrame>
  );
}
