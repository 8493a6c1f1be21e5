// A field for a password to be, with the only rule there is.

import { PASSWORD_CHARS_MIN } from "../api/limits";
import { t } from "../i18n/t";
import { Field } from "../ui/Field";

export function NewPasswordField({
  value,
  onChange,
}: {
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field
      label={t("password.new")}
      type="password"
      autoComplete="new-password"
      required
      minLength={PASSWORD_CHARS_MIN}
      hint={t("field.passwordHint", { min: PASSWORD_CHARS_MIN })}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
