// One member: what may be done, whether the account is on, a link for a new password, removal.

import { type FormEvent, useState } from "react";
import { type Account, account as api, type Member, type MemberChange } from "../api/account";
import { useChange } from "../api/accountHooks";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { CopyBlock } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { FormError } from "../ui/Field";
import { Confirm } from "./Confirm";
import { type Rights, RoleFields } from "./RoleFields";

export function MemberDialog({
  account,
  member,
  onClose,
}: {
  account: Account;
  member: Member;
  onClose: () => void;
}) {
  const change = useChange(
    (wish: MemberChange) => api.changeMember(member.id, wish),
    ["team", "account", "session"],
  );
  const remove = useChange(api.removeMember, ["team"]);
  const [rights, setRights] = useState<Rights>(member);
  const [removing, setRemoving] = useState(false);
  const { role, reach, grants } = rights;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ role, reach, grants }, { onSuccess: onClose });
  };
  if (removing) {
    return (
      <Confirm
        title={t("team.removeTitle", { email: member.email })}
        text={t("team.removeText")}
        action={t("team.remove")}
        error={remove.error}
        busy={remove.isPending}
        onConfirm={() => remove.mutate(member.id, { onSuccess: onClose })}
        onClose={() => setRemoving(false)}
      />
    );
  }
  return (
    <Dialog title={member.email} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 p-5">
        <FormError error={change.error} />
        <RoleFields account={account} rights={rights} onChange={setRights} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" busy={change.isPending}>
            {t("settings.save")}
          </Button>
        </div>
      </form>
      <Actions
        member={member}
        onSwitch={() => change.mutate({ disabled: !member.disabled_at })}
        onRemove={() => setRemoving(true)}
      />
    </Dialog>
  );
}

function Actions({
  member,
  onSwitch,
  onRemove,
}: {
  member: Member;
  onSwitch: () => void;
  onRemove: () => void;
}) {
  const reset = useChange(api.resetMember, []);
  const end = useChange(api.endMemberSessions, ["sessions"]);
  return (
    <div className="flex flex-col gap-4 border-line border-t p-5">
      <FormError error={reset.error ?? end.error} />
      <div className="flex flex-wrap gap-2">
        <Button busy={reset.isPending} onClick={() => reset.mutate(member.id)}>
          {t("team.resetLink")}
        </Button>
        <Button busy={end.isPending} onClick={() => end.mutate(member.id)}>
          {t("team.endSessions")}
        </Button>
        <Button variant="danger" onClick={onSwitch}>
          {member.disabled_at ? t("team.switchOn") : t("team.switchOff")}
        </Button>
        <Button variant="danger" onClick={onRemove}>
          {t("team.remove")}
        </Button>
      </div>
      {reset.data && (
        <>
          <p className="text-ink-2">{t("team.linkText", { email: member.email })}</p>
          <CopyBlock text={reset.data.link} label={t("team.resetLink")} />
        </>
      )}
    </div>
  );
}
