// The dialogs of the second factor: setting it up, switching it off, new recovery codes. Each asks
// for the password again, and the last two for a code.

import { type FormEvent, useState } from "react";
import { account as api, type Enrolment, type QrCode } from "../api/account";
import { useChange } from "../api/accountHooks";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { CopyBlock } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Field, FormError } from "../ui/Field";

export function FactorSetup({ onClose }: { onClose: () => void }) {
  const begin = useChange(api.beginFactor, []);
  const confirm = useChange(api.confirmFactor, ["account"]);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (begin.data) confirm.mutate(code);
    else begin.mutate(password);
  };
  if (confirm.data) {
    return (
      <Dialog title={t("factor.codes")} onClose={onClose}>
        <Codes codes={confirm.data.recovery_codes} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog title={t("factor.title")} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 p-5">
        <FormError error={begin.data ? confirm.error : begin.error} />
        {begin.data ? (
          <>
            <Secret enrolment={begin.data} />
            <CodeField value={code} onChange={setCode} />
          </>
        ) : (
          <PasswordField value={password} onChange={setPassword} />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" busy={begin.isPending || confirm.isPending}>
            {begin.data ? t("factor.confirm") : t("factor.begin")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function FactorStep({ step, onClose }: { step: "remove" | "renew"; onClose: () => void }) {
  const remove = useChange(api.removeFactor, ["account"]);
  const renew = useChange(api.renewCodes, ["account"]);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (step === "remove") remove.mutate({ password, code }, { onSuccess: onClose });
    else renew.mutate({ password, code });
  };
  const title = step === "remove" ? t("factor.remove") : t("factor.renew");
  return (
    <Dialog title={title} onClose={onClose}>
      {renew.data ? (
        <Codes codes={renew.data.recovery_codes} onClose={onClose} />
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4 p-5">
          <FormError error={remove.error ?? renew.error} />
          <PasswordField value={password} onChange={setPassword} />
          <CodeField value={code} onChange={setCode} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button
              type="submit"
              variant={step === "remove" ? "danger" : "primary"}
              busy={remove.isPending || renew.isPending}
            >
              {title}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** Blank modules around a code, which readers need to find it. */
const QUIET = 4;

function Picture({ qr }: { qr: QrCode }) {
  const side = qr.size + 2 * QUIET;
  return (
    <svg
      role="img"
      aria-label={t("factor.qr")}
      viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`}
      shapeRendering="crispEdges"
      className="mx-auto size-52 rounded-lg"
    >
      {/* Dark on light in every theme: many readers know nothing else. */}
      <rect x={-QUIET} y={-QUIET} width={side} height={side} fill="#fff" />
      <path d={qr.path} fill="#000" />
    </svg>
  );
}

function Secret({ enrolment: { secret, uri, qr } }: { enrolment: Enrolment }) {
  const [before, after] = t("factor.secretText", { link: "\u0000" }).split("\u0000");
  return (
    <>
      <p className="text-ink-2">
        {before}
        <a href={uri} className="text-accent-ink underline">
          {t("factor.openApp")}
        </a>
        {after}
      </p>
      {qr && <Picture qr={qr} />}
      <CopyBlock text={secret} label={t("factor.secret")} />
    </>
  );
}

function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  return (
    <div className="flex flex-col gap-4 p-5">
      <p className="text-ink-2">{t("factor.codesText")}</p>
      <CopyBlock text={codes.join("\n")} label={t("factor.codes")} />
      <Button variant="primary" className="self-end" onClick={onClose}>
        {t("factor.stored")}
      </Button>
    </div>
  );
}

interface Typed {
  value: string;
  onChange: (value: string) => void;
}

function PasswordField({ value, onChange }: Typed) {
  return (
    <Field
      label={t("password.old")}
      type="password"
      autoComplete="current-password"
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function CodeField({ value, onChange }: Typed) {
  return (
    <Field
      label={t("login.code")}
      autoComplete="one-time-code"
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
