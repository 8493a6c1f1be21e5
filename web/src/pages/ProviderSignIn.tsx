// Signing in through the provider, and what is said when that came to nothing.

import { account as api } from "../api/account";
import { useChange } from "../api/accountHooks";
import { t } from "../i18n/t";
import { useSearchText } from "../state/params";
import { Button } from "../ui/Button";
import { FormError } from "../ui/Field";

/** The reasons that somebody can do something about; the others have one message. */
const KNOWN = ["denied", "stranger", "unlinked", "disabled", "taken"] as const;

export function ProviderTrouble() {
  const failed = new URLSearchParams(useSearchText()).get("failed");
  const known = KNOWN.find((reason) => reason === failed);
  if (!failed) return null;
  return (
    <p role="alert" className="mb-4 text-bad">
      {t(`provider.${known ?? "failed"}`)}
    </p>
  );
}

export function ProviderButton(props: { purpose: "sign_in" | "link"; label: string }) {
  const start = useChange(api.startProvider, []);
  const leave = ({ url }: { url: string }) => window.location.assign(url);
  return (
    <>
      <FormError error={start.error} />
      <Button
        className="mt-4 w-full"
        busy={start.isPending}
        onClick={() => start.mutate(props.purpose, { onSuccess: leave })}
      >
        {props.label}
      </Button>
    </>
  );
}
