// Inviting somebody: an address, what the member may do, and then the link to pass on.

import { type FormEvent, useState } from "react";
import { type Account, account as api } from "../api/account";
import { useChange } from "../api/accountHooks";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { CopyBlock } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Field, FormError } from "../ui/Field";
import { type Rights, RoleFields } from "./RoleFields";

export function InviteDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const invite = useChange(api.invite, ["team"]);
  const [email, setEmail] = useState("");
  const [rights, setRights] = useState<Rights>({ role: "viewer", reach: "all", grants: [] });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate({ email: email.trim(), ...rights });
  };
  return (
    <Dialog title={t("team.invite")} onClose={onClose}>
      {invite.data ? (
        <div className="flex flex-col gap-4 p-5">
          <p className="text-ink-2">
            {t("team.inviteText", { email })} {invite.data.mailed && t("team.mailed")}
          </p>
          <CopyBlock text={invite.data.link} label={t("team.inviteLink")} />
          <Button variant="primary" className="self-end" onClick={onClose}>
            {t("team.done")}
          </Button>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4 p-5">
          <FormError error={invite.error} />
          <Field
            label={t("field.email")}
            type="email"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <RoleFields account={account} rights={rights} onChange={setRights} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button type="submit" variant="primary" busy={invite.isPending}>
              {t("team.invite")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
