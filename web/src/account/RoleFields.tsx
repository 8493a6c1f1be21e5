// What somebody may do: the role of the account, and roles in chosen projects.

import type { Account, Grant, Reach, RoleName } from "../api/account";
import { useProjects } from "../api/hooks";
import { t } from "../i18n/t";
import { INPUT_CLASS } from "../ui/Field";

const ROLES: RoleName[] = ["owner", "admin", "editor", "viewer"];
const GRANTED: RoleName[] = ["admin", "editor", "viewer"];

export interface Rights {
  role: RoleName;
  reach: Reach;
  grants: Grant[];
}

/** Owners and admins reach all projects, so that nothing else can be chosen for them. */
const reachesAll = (role: RoleName) => role === "owner" || role === "admin";

export function RoleFields({
  account,
  rights,
  onChange,
}: {
  account: Account;
  rights: Rights;
  onChange: (rights: Rights) => void;
}) {
  const roles = account.role === "owner" ? ROLES : GRANTED;
  const setRole = (role: RoleName) =>
    onChange({ ...rights, role, reach: reachesAll(role) ? "all" : rights.reach });
  return (
    <>
      <label className="block">
        <span className="mb-1.5 block font-medium">{t("team.role")}</span>
        <select
          className={INPUT_CLASS}
          value={rights.role}
          onChange={(event) => setRole(event.target.value as RoleName)}
        >
          {roles.map((role) => (
            <option key={role} value={role}>
              {t(`role.${role}`)}
            </option>
          ))}
        </select>
      </label>
      {!reachesAll(rights.role) && (
        <>
          <label className="block">
            <span className="mb-1.5 block font-medium">{t("team.reach")}</span>
            <select
              className={INPUT_CLASS}
              value={rights.reach}
              onChange={(event) => onChange({ ...rights, reach: event.target.value as Reach })}
            >
              <option value="all">{t("reach.all")}</option>
              <option value="granted">{t("reach.granted")}</option>
            </select>
          </label>
          {rights.reach === "granted" && (
            <Grants grants={rights.grants} onChange={(grants) => onChange({ ...rights, grants })} />
          )}
        </>
      )}
    </>
  );
}

function Grants({ grants, onChange }: { grants: Grant[]; onChange: (grants: Grant[]) => void }) {
  const projects = useProjects().data?.projects ?? [];
  const set = (project: string, role: string) => {
    const others = grants.filter((grant) => grant.project !== project);
    onChange(role === "" ? others : [...others, { project, role: role as RoleName }]);
  };
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 font-medium">{t("team.grants")}</legend>
      {projects.map((project) => (
        <label key={project.id} className="grid grid-cols-2 items-center gap-3">
          <span className="truncate">{project.name}</span>
          <select
            className={INPUT_CLASS}
            value={grants.find((grant) => grant.project === project.id)?.role ?? ""}
            onChange={(event) => set(project.id, event.target.value)}
          >
            <option value="">{t("team.noRole")}</option>
            {GRANTED.map((role) => (
              <option key={role} value={role}>
                {t(`role.${role}`)}
              </option>
            ))}
          </select>
        </label>
      ))}
    </fieldset>
  );
}
