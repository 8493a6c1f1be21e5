// The password and the second factor.

import { type FormEvent, useState } from "react";
import { type Account, account as api } from "../api/account";
import { useChange } from "../api/accountHooks";
import { useSetupNeeded } from "../api/hooks";
import { t } from "../i18n/t";
import { ProviderButton, ProviderTrouble } from "../pages/ProviderSignIn";
import { Button } from "../ui/Button";
import { Field, FormError } from "../ui/Field";
import { FactorSetup, FactorStep } from "./FactorDialogs";
import { NewPasswordField } from "./NewPasswordField";
import { Section } from "./Section";

export function SecuritySection({ account }: { account: Account }) {
  return (
    <>
      <PasswordForm />
      <Factor account={account} />
      {account.provider_linked !== null && <Provider isLinked={account.provider_linked} />}
    </>
  );
}

function PasswordForm() {
  const change = useChange(api.changePassword, ["sessions"]);
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { password: old, new_password: fresh },
      {
        onSuccess: () => {
          setOld("");
          setFresh("");
        },
      },
    );
  };
  return (
    <Section title={t("password.title")} text={t("password.text")}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormError error={change.error} />
        <Field
          label={t("password.old")}
          type="password"
          autoComplete="current-password"
          required
          value={old}
          onChange={(event) => setOld(event.target.value)}
        />
        <NewPasswordField value={fresh} onChange={setFresh} />
        <div className="flex items-center justify-end gap-3">
          <span role="status" className="text-good">
            {change.isSuccess ? t("password.done") : ""}
          </span>
          <Button type="submit" variant="primary" busy={change.isPending}>
            {t("password.submit")}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Provider({ isLinked }: { isLinked: boolean }) {
  const setup = useSetupNeeded();
  const unlink = useChange(api.unlinkProvider, ["account"]);
  const name = setup.data?.provider ?? "";
  return (
    <Section
      title={t("provider.title", { name })}
      text={isLinked ? t("provider.on", { name }) : t("provider.off", { name })}
    >
      <ProviderTrouble />
      <FormError error={unlink.error} />
      {isLinked ? (
        <Button variant="danger" busy={unlink.isPending} onClick={() => unlink.mutate(undefined)}>
          {t("provider.unlink")}
        </Button>
      ) : (
        <ProviderButton purpose="link" label={t("provider.link")} />
      )}
    </Section>
  );
}

function Factor({ account }: { account: Account }) {
  const [open, setOpen] = useState<"begin" | "remove" | "renew" | null>(null);
  const close = () => setOpen(null);
  const text = account.second_factor
    ? t("factor.on", { codes: account.recovery_codes_left })
    : t("factor.off");
  return (
    <Section title={t("factor.title")} text={text}>
      <div className="flex flex-wrap gap-2">
        {account.second_factor ? (
          <>
            <Button onClick={() => setOpen("renew")}>{t("factor.renew")}</Button>
            <Button variant="danger" onClick={() => setOpen("remove")}>
              {t("factor.remove")}
            </Button>
          </>
        ) : (
          <Button variant="primary" onClick={() => setOpen("begin")}>
            {t("factor.begin")}
          </Button>
        )}
      </div>
      {open === "begin" && <FactorSetup onClose={close} />}
      {(open === "remove" || open === "renew") && <FactorStep step={open} onClose={close} />}
    </Section>
  );
}
