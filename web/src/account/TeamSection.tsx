// Who belongs to this Almanac, who is invited, and what each may do.

import { useState } from "react";
import { type Account, account as api, type Member } from "../api/account";
import { useChange, useTeam } from "../api/accountHooks";
import { formatInstant } from "../format/time";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { FormError } from "../ui/Field";
import { Icon } from "../ui/icons";
import { Failure, Loading, Skeleton } from "../ui/states";
import { InviteDialog } from "./InviteDialog";
import { MemberDialog } from "./MemberDialog";
import { Section } from "./Section";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function TeamSection({ account }: { account: Account }) {
  const team = useTeam();
  const withdraw = useChange(api.withdraw, ["team"]);
  const [changing, setChanging] = useState<string | null>(null);
  const [inviting, setInviting] = useState(false);
  if (team.isError) return <Failure error={team.error} onRetry={() => team.refetch()} />;
  if (!team.data) {
    return (
      <Loading>
        <Skeleton className="h-40 rounded-2xl" />
      </Loading>
    );
  }
  const { members, invitations, mail } = team.data;
  const changed = members.find((member) => member.id === changing);
  return (
    <>
      <Section title={t("team.members")}>
        <ul className="divide-y divide-line border-line border-y">
          {members.map((member) => (
            <MemberRow
              key={member.id}
              member={member}
              isSelf={member.id === account.id}
              onChange={() => setChanging(member.id)}
            />
          ))}
        </ul>
        {mail?.trouble && (
          <p role="status" className="mt-4 text-[13px] text-ink-2">
            {t("team.mailTrouble", { ...mail, trouble: mail.trouble })}
          </p>
        )}
        <Button className="mt-4" onClick={() => setInviting(true)}>
          <Icon name="plus" />
          {t("team.invite")}
        </Button>
      </Section>
      {invitations.length > 0 && (
        <Section title={t("team.invitations")}>
          <FormError error={withdraw.error} />
          <ul className="divide-y divide-line border-line border-y">
            {invitations.map((invitation) => (
              <li key={invitation.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3">
                <div className="mr-auto min-w-0">
                  <p className="font-medium [overflow-wrap:anywhere]">{invitation.email}</p>
                  <p className="text-[13px] text-ink-3">
                    {t(`role.${invitation.role}`)} ·{" "}
                    {t("team.until", { date: formatInstant(invitation.expires_at, ZONE) })}
                  </p>
                </div>
                <Button
                  variant="danger"
                  aria-label={t("team.withdrawNamed", { email: invitation.email })}
                  onClick={() => withdraw.mutate(invitation.id)}
                >
                  {t("team.withdraw")}
                </Button>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {inviting && <InviteDialog account={account} onClose={() => setInviting(false)} />}
      {changed && (
        <MemberDialog account={account} member={changed} onClose={() => setChanging(null)} />
      )}
    </>
  );
}

function MemberRow({
  member,
  isSelf,
  onChange,
}: {
  member: Member;
  isSelf: boolean;
  onChange: () => void;
}) {
  const facts = [
    t(`role.${member.role}`),
    ...(member.reach === "granted" ? [t("reach.granted")] : []),
    ...(member.second_factor ? [t("team.factor")] : []),
    ...(member.disabled_at ? [t("team.off")] : []),
  ];
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3">
      <div className="mr-auto min-w-0">
        <p className="font-medium [overflow-wrap:anywhere]">
          {member.name}{" "}
          <span className="font-normal text-ink-3">
            {member.email}
            {isSelf && ` · ${t("team.you")}`}
          </span>
        </p>
        <p className="text-[13px] text-ink-3">{facts.join(" · ")}</p>
      </div>
      <Button aria-label={t("team.changeNamed", { email: member.email })} onClick={onChange}>
        {t("team.change")}
      </Button>
    </li>
  );
}
